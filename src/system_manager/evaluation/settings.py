"""What an evaluation may do, fixed before it begins."""

from __future__ import annotations

import os

from system_manager.base.enumerations import Enum
from system_manager.base.records import FIELDS, field, record
from system_manager.base.type_hints import Callable, Mapping, TypeAlias
from system_manager.language.lints import Lints
from system_manager.store.paths import StorePath

Realise: TypeAlias = Callable[[Mapping[StorePath, frozenset[str]]], None]
"""Builds these outputs of these derivations, which are in the store, or raises a :class:`SystemManagerError`."""


MAX_CALL_DEPTH = 10_000

DERIVATION_NAME = "/derivation-internal.nix"
"""What programs see that ask where the attributes of a derivation are defined. No file has this name."""


class Purity(Enum):
    """How much of the machine a program may see."""

    IMPURE = "impure"
    RESTRICTED = "restricted"  # files below the search path and the allowed paths only
    PURE = "pure"  # no environment, clock or search path either


@record(frozen=True)
class SearchPathEntry:
    """``prefix=path`` of ``NIX_PATH`` or ``-I``; the prefix is empty for a plain directory."""

    prefix: str
    path: str

    @classmethod
    def parse(cls, text: str) -> SearchPathEntry:
        """Read ``nixpkgs=/path`` or ``/path``."""
        prefix, separator, path = text.partition("=")
        return cls(prefix, path) if separator else cls("", text)


def parse_search_path(text: str) -> tuple[SearchPathEntry, ...]:
    """Read a ``NIX_PATH``: entries between colons, where ``https://…`` and the like keep theirs."""
    entries: list[str] = []
    for part in text.split(":"):
        if entries and _is_split_url(entries[-1], part):
            entries[-1] += ":" + part
        else:
            entries.append(part)
    # A setting of Nix that is a list: its elements have no spaces.
    return tuple(SearchPathEntry.parse(word) for entry in entries for word in entry.split())


def _is_split_url(before: str, after: str) -> bool:
    """Whether the colon between the two is one of ``https://…``, ``channel:…`` or ``flake:…``."""
    scheme = before.rpartition("=")[2]
    if scheme in {"channel", "flake"}:
        return True
    return after.startswith("//") and scheme[:1].isalpha() and scheme.replace("+", "").isalnum()


def current_system() -> str:
    """The Nix name of this machine's platform, e.g. ``x86_64-linux``."""
    machine = os.uname().machine
    return f"{ {'arm64': 'aarch64', 'amd64': 'x86_64'}.get(machine, machine) }-linux"


@record(frozen=True)
class EvaluationSettings:
    """The settings of one evaluation.

    :ivar write_store: write derivations and copied sources; otherwise their store paths are only computed, as
        ``nix-instantiate --eval`` does.
    :ivar environment: what ``builtins.getEnv`` sees.
    :ivar allowed_paths: files and directories that may be read unless the evaluation is impure.
    :ivar allowed_uris: prefixes of what may be fetched; None allows everything.
    :ivar trace_import_from_derivation: warn of every build that the evaluation waits for.
    :ivar warn_dirty: warn of git working trees with changes.
    :ivar max_call_depth: how deeply calls may nest.
    :ivar lints: literals that programs should do without.
    """

    purity: Purity = Purity.IMPURE
    write_store: bool = False
    search_path: tuple[SearchPathEntry, ...] = ()
    system: str = field(default_factory=current_system)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    allowed_paths: frozenset[str] = frozenset()
    allowed_uris: tuple[str, ...] | None = None
    allow_import_from_derivation: bool = True
    trace_import_from_derivation: bool = False
    trace_verbose: bool = False
    abort_on_warning: bool = False
    warn_dirty: bool = True
    max_call_depth: int = MAX_CALL_DEPTH
    lints: Lints = Lints()

    def identity(self) -> tuple[str, ...]:
        """Everything that decides what a program evaluates to, but for the environment, whose variables are facts."""
        names = [name for name in getattr(self, FIELDS) if name != "environment"]
        values = [getattr(self, name) for name in names]
        return tuple(repr(sorted(value) if isinstance(value, frozenset) else value) for value in values)
