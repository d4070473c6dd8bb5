"""``<nixpkgs>``: looking names up in the search path.

Nix manual, "Lookup path expressions" and ``builtins.findFile``. ``<nix/…>`` is always found last, in the files that
come with the program.
"""

from __future__ import annotations

import os

from system_manager.base.events import Warned
from system_manager.base.type_hints import Iterable, Iterator
from system_manager.evaluation.facts import NodeKind
from system_manager.evaluation.fetching.sources import is_url
from system_manager.evaluation.settings import Purity, SearchPathEntry
from system_manager.evaluation.state import EvaluationState
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import ThrownError
from system_manager.language.runtime import (
    Lazy,
    NixPath,
    Value,
    coerce_to_string,
    force_attributes,
    force_list,
    force_plain_string,
    normalize_path,
    select,
    string_context,
    string_text,
)

_CORE_FILES = f"{os.path.dirname(__file__)}/builtins/core"


class SearchPathBuiltins:
    """``findFile``, and what ``<…>`` means."""

    def __init__(self, state: EvaluationState, entries: tuple[SearchPathEntry, ...], working_directory: str) -> None:
        self._state = state
        self._entries = () if state.settings.purity is Purity.PURE else entries
        self._working_directory = working_directory
        self._roots: dict[str, str | None] = {}
        # Nix lets restricted programs read what is on the search path.
        for entry in self._entries:
            if not is_url(entry.path):
                state.files.allow(self._absolute(entry.path))
        state.files.allow(_CORE_FILES)

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield Builtin("findFile", 2, self.find_file, "Look a name up in a search path.")

    def resolve(self, name: str) -> Value:
        """The value of ``<name>``."""
        return NixPath(self._find(self._entries, name))

    def find_file(self, search_path: Lazy, name: Lazy) -> Value:
        """Elements are ``{ prefix ? ""; path; }``."""
        entries = []
        for element in force_list(search_path, "while evaluating the first argument passed to builtins.findFile"):
            what = "while evaluating an element of the list passed to builtins.findFile"
            attributes = force_attributes(element, what)
            prefix = ""
            if "prefix" in attributes:
                prefix = force_plain_string(attributes["prefix"], f"while evaluating the `prefix` attribute of {what}")
            path = coerce_to_string(select(attributes, "path"), copy_to_store=False, coerce_more=False, what=what)
            self._state.realise_context(string_context(path))
            entries.append(SearchPathEntry(prefix, string_text(path)))
        what = "while evaluating the second argument passed to builtins.findFile"
        return NixPath(self._find(entries, force_plain_string(name, what)))

    def _find(self, entries: Iterable[SearchPathEntry], name: str) -> str:
        for entry in entries:
            suffix = _suffix(entry.prefix, name)
            root = None if suffix is None else self._root(entry.path)
            if root is None:
                continue
            found = self._state.files.resolve(normalize_path(f"{root}/{suffix}"))
            if self._state.files.look(found).kind is not NodeKind.MISSING:
                return found
        if name.startswith("nix/"):
            path = normalize_path(f"{_CORE_FILES}/{name.removeprefix('nix/')}")
            if path.startswith(f"{_CORE_FILES}/"):
                return path
        if self._state.settings.purity is Purity.PURE:
            raise ThrownError(f"cannot look up '<{name}>' in pure evaluation mode", hint="use '--impure' to override")
        raise ThrownError(f"file '{name}' was not found in the Nix search path", hint="add it using $NIX_PATH or -I")

    def _root(self, text: str) -> str | None:
        """Where an entry leads; None, after a warning, if that is nowhere."""
        if text not in self._roots:
            self._roots[text] = self._resolve_root(text)
        return self._roots[text]

    def _resolve_root(self, text: str) -> str | None:
        if is_url(text):
            self._state.say(Warned(f"Nix search path entry '{text}' cannot be downloaded here, ignoring"))
            return None
        path = self._absolute(text)
        if self._state.files.look(self._state.files.resolve(path)).kind is NodeKind.MISSING:
            self._state.say(Warned(f"Nix search path entry '{text}' does not exist, ignoring"))
            return None
        return path

    def _absolute(self, text: str) -> str:
        return normalize_path(text if text.startswith("/") else f"{self._working_directory}/{text}")


def _suffix(prefix: str, name: str) -> str | None:
    """What is left of ``name`` below ``prefix``; None if it is not below."""
    if not prefix or prefix == name:
        return name[len(prefix) :]
    return name[len(prefix) + 1 :] if name.startswith(prefix + "/") else None
