"""Builtins that put texts and files into the store: ``toFile``, ``path``, ``filterSource``."""

from __future__ import annotations

from system_manager.base.events import Warned
from system_manager.base.type_hints import Callable, Iterator
from system_manager.evaluation.context import OpaquePath, as_element
from system_manager.evaluation.hashes import parse_expected_hash
from system_manager.evaluation.state import EvaluationState
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    Value,
    apply,
    force_attributes,
    force_bool,
    force_function,
    force_plain_string,
    force_string,
    string_context,
    string_text,
)
from system_manager.store.addressing import ContentAddress, IngestionMethod, make_fixed_output_path
from system_manager.store.errors import StoreError
from system_manager.store.hashing import Hash, HashAlgorithm
from system_manager.store.paths import StorePath


class SourceBuiltins:
    """Additions to the store that happen while the program runs."""

    def __init__(self, state: EvaluationState) -> None:
        self._state = state

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield Builtin("toFile", 2, self.to_file, "Store a text under a name; its store path.")
        yield Builtin("path", 1, self.path, "Copy a path to the store, with a name, filter or hash of its own.")
        yield Builtin("filterSource", 2, self.filter_source, "Copy a tree to the store without what a filter refuses.")

    def to_file(self, name: Lazy, contents: Lazy) -> Value:
        """The text may refer to store paths, not to what derivations will build."""
        file_name = force_plain_string(name, "while evaluating the first argument passed to builtins.toFile")
        text = force_string(contents, "while evaluating the second argument passed to builtins.toFile")
        references = set()
        for element in map(as_element, string_context(text)):
            if not isinstance(element, OpaquePath):
                raise EvaluationError(
                    f"files created by builtins.toFile may not reference derivations, "
                    f"but {file_name} references {element}"
                )
            references.add(element.path)
        try:
            return self._state.store_string(
                self._state.store.add_text(file_name, string_text(text), frozenset(references))
            )
        except StoreError as error:
            raise EvaluationError(error.what, hint=error.hint) from error

    def filter_source(self, function: Lazy, tree: Lazy) -> Value:
        """The name of the copy is the tree's own."""
        what = "while evaluating the second argument (the path to filter) passed to 'builtins.filterSource'"
        path, context = self._state.coerce_to_path(tree, what)
        accept = force_function(function, "while evaluating the first argument passed to builtins.filterSource")
        self._state.realise_context(context)
        return self._state.store_string(
            self._state.add_source(path, path.rpartition("/")[2], accept=_as_filter(accept))
        )

    def path(self, arguments: Lazy) -> Value:
        """``{ path, name ? baseNameOf path, filter ? _: _: true, recursive ? true, sha256 ? <unchecked> }``."""
        attributes = force_attributes(arguments, "while evaluating the argument passed to 'builtins.path'")
        for name in attributes:
            if name not in {"path", "name", "filter", "recursive", "sha256"}:
                raise EvaluationError(f"unsupported argument '{name}' to 'builtins.path'")
        if "path" not in attributes:
            raise EvaluationError("missing required 'path' attribute in the first argument to 'builtins.path'")
        what = "while evaluating the 'path' attribute passed to 'builtins.path'"
        path, context = self._state.coerce_to_path(attributes["path"], what)
        self._state.realise_context(context)
        name = ""
        if "name" in attributes:
            what = "while evaluating the `name` attribute passed to builtins.path"
            name = force_plain_string(attributes["name"], what)
        method, expected, accept = self._path_options(attributes)
        return self._add_path(path, name or path.rpartition("/")[2], method, expected, accept)

    def _path_options(
        self, attributes: dict[str, Lazy]
    ) -> tuple[IngestionMethod, Hash | None, Callable[[str, str], bool] | None]:
        method, expected, accept = IngestionMethod.RECURSIVE, None, None
        if "recursive" in attributes:
            what = "while evaluating the `recursive` attribute passed to builtins.path"
            method = IngestionMethod.RECURSIVE if force_bool(attributes["recursive"], what) else IngestionMethod.FLAT
        if "sha256" in attributes:
            what = "while evaluating the `sha256` attribute passed to builtins.path"
            text = force_plain_string(attributes["sha256"], what)
            expected, warning = parse_expected_hash(text, HashAlgorithm.SHA256)
            if warning:
                self._state.say(Warned(warning))
        if "filter" in attributes:
            what = "while evaluating the `filter` parameter passed to builtins.path"
            accept = _as_filter(force_function(attributes["filter"], what))
        return method, expected, accept

    def _add_path(
        self,
        path: str,
        name: str,
        method: IngestionMethod,
        expected: Hash | None,
        accept: Callable[[str, str], bool] | None,
    ) -> Value:
        promised: StorePath | None = None
        if expected is not None:
            try:
                promised = make_fixed_output_path(name, ContentAddress(method, expected))
            except StoreError as error:
                raise EvaluationError(error.what, hint=error.hint) from error
            if self._state.store.is_valid(promised):
                return self._state.store_string(promised)
        found = self._state.add_source(path, name, method=method, accept=accept)
        if promised is not None and found != promised:
            raise EvaluationError(f"store path mismatch in (possibly filtered) path added from '{path}'")
        return self._state.store_string(found)


def _as_filter(function: Value) -> Callable[[str, str], bool]:
    def accept(path: str, kind: str) -> bool:
        what = "while evaluating the return value of the path filter function"
        return force_bool(apply(function, path, kind), what)

    return accept
