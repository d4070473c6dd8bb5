"""Shorthands for tests that build."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from system_manager.base.events import CollectingObserver
from system_manager.store.addressing import ContentAddress
from system_manager.store.building.realise import realise
from system_manager.store.building.settings import BuildSettings, current_system
from system_manager.store.derivation import Derivation, Output
from system_manager.store.paths import StorePath
from system_manager.store.store import Store

TOOLS = "/usr/bin:/bin"


@dataclass(frozen=True)
class Instantiated:
    """A derivation that is in the store."""

    path: StorePath
    derivation: Derivation

    def __str__(self) -> str:
        return str(self.out)

    @property
    def out(self) -> StorePath:
        """The path of the output ``out``."""
        return self.derivation.output_path("out")


def instantiate(
    store: Store,
    name: str,
    builder: str,
    environment: Mapping[str, str] | None = None,
    *,
    arguments: Iterable[str] = (),
    inputs: Iterable[Instantiated] = (),
    sources: Iterable[StorePath] = (),
    outputs: Iterable[str] = ("out",),
    content: ContentAddress | None = None,
    system: str | None = None,
) -> Instantiated:
    """Write a derivation as the evaluator would."""
    derivation = Derivation(
        name=name,
        outputs={output: Output(None, content) for output in outputs},
        platform=system or ("builtin" if builder.startswith("builtin:") else current_system()),
        builder=builder,
        arguments=tuple(arguments),
        environment=dict(environment or {}),
        input_derivations={item.path: frozenset(item.derivation.outputs) for item in inputs},
        input_sources=frozenset(sources),
    )
    derivation = store.modulo.fill_output_paths(derivation)
    return Instantiated(store.add_derivation(derivation), derivation)


def text(store: Store, name: str, content: str, **extra: str) -> Instantiated:
    """A derivation that writes a text."""
    return instantiate(store, name, "builtin:write-text", {"text": content, **extra})


def tree(store: Store, name: str, files: Mapping[str, str]) -> Instantiated:
    """A derivation whose output is a directory with links to texts."""
    written = {place: text(store, place.rpartition("/")[2].strip("."), content) for place, content in files.items()}
    entries = [{"name": place, "path": str(item)} for place, item in written.items()]
    return instantiate(store, name, "builtin:link-farm", {"entries": json.dumps(entries)}, inputs=[*written.values()])


def shell(
    store: Store, name: str, script: str, environment: Mapping[str, str] | None = None, **options: object
) -> Instantiated:
    """A derivation that runs a script with the tools of the distribution."""
    return instantiate(
        store,
        name,
        "/bin/sh",
        {"PATH": TOOLS, **(environment or {})},
        arguments=["-euc", script],
        **options,  # type: ignore[arg-type]  # passed on as they are
    )


def build(
    store: Store,
    *items: Instantiated,
    observer: CollectingObserver | None = None,
    settings: BuildSettings | None = None,
) -> Path:
    """Build, and return where the output ``out`` of the first one really is."""
    realise(store, [(item.path, None) for item in items], observer=observer, settings=settings)
    return store.real_path(items[0].out)
