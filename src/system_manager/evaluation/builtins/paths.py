"""Builtins that look at files."""

from __future__ import annotations

from system_manager.base.type_hints import Iterator
from system_manager.evaluation.context import OpaquePath
from system_manager.evaluation.facts import NodeKind
from system_manager.evaluation.files import ForbiddenPathError
from system_manager.evaluation.hashes import parse_algorithm
from system_manager.evaluation.settings import Purity
from system_manager.evaluation.state import EvaluationState
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    Value,
    force,
    force_plain_string,
    make_string,
    string_text,
    type_of,
)
from system_manager.store.errors import StoreError
from system_manager.store.hashing import hash_bytes
from system_manager.store.paths import StorePath
from system_manager.store.references import ReferenceScanner


class PathBuiltins:
    """Reading files and directories, and asking what they are."""

    def __init__(self, state: EvaluationState) -> None:
        self._state = state

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield Builtin("readFile", 1, self.read_file, "The contents of a file as a string.")
        yield Builtin("readDir", 1, self.read_directory, "A directory's entries, each with its type.")
        yield Builtin("readFileType", 1, self.read_file_type, '`"regular"`, `"directory"`, `"symlink"` or `"unknown"`.')
        yield Builtin("pathExists", 1, self.path_exists, "Whether there is something at the path.")
        yield Builtin("hashFile", 2, self.hash_file, "The hash of a file's contents, in base 16.")
        yield Builtin("toPath", 1, self.to_path, "Check that a string is an absolute path. Deprecated.")
        yield Builtin("storePath", 1, self.store_path, "Depend on a store path that exists already.")

    def read_file(self, file: Lazy) -> Value:
        """The bytes must not contain NUL; a store path's references that occur in them become context."""
        path = self._state.realise_path(file)
        data = self._state.files.read(path)
        if b"\0" in data:
            raise EvaluationError(f"the contents of the file '{path}' cannot be represented as a Nix string")
        store_path = self._state.store_path_in(path)
        context: frozenset[object] = frozenset()
        if store_path is not None:
            context = frozenset(map(OpaquePath, self._mentioned(store_path, data)))
        return make_string(data.decode("utf-8", "surrogateescape"), context)

    def _mentioned(self, path: StorePath, data: bytes) -> frozenset[StorePath]:
        try:
            references = self._state.store.references(path)
        except StoreError:  # read, though not registered
            return frozenset()
        scanner = ReferenceScanner(references)
        scanner.write(data)
        return scanner.found()

    def read_directory(self, directory: Lazy) -> Value:
        """``{ name = type; }``."""
        entries = self._state.files.list(self._state.realise_path(directory))
        return {name: kind.value for name, kind in entries.items()}

    def read_file_type(self, path: Lazy) -> Value:
        """Links are not followed, not even on the way."""
        return self._state.files.look_existing(self._state.realise_path(path)).kind.value

    def path_exists(self, path: Lazy) -> Value:
        """A broken link exists; with a slash at the end, only a directory does."""
        value = force(path)
        text = string_text(value) if type_of(value) == "string" else ""
        must_be_directory = text.endswith(("/", "/."))
        try:
            resolved = self._state.files.resolve(self._state.realise_path(value), last=must_be_directory)
            kind = self._state.files.look(resolved).kind
        except ForbiddenPathError:
            return False
        return kind is NodeKind.DIRECTORY if must_be_directory else kind is not NodeKind.MISSING

    def hash_file(self, algorithm: Lazy, file: Lazy) -> Value:
        """As ``hashString``, of the bytes."""
        name = force_plain_string(algorithm, "while evaluating the first argument passed to builtins.hashFile")
        parsed = parse_algorithm(name)
        return hash_bytes(parsed, self._state.files.read(self._state.realise_path(file))).base16

    def to_path(self, string: Lazy) -> Value:
        """The path's text; the context stays."""
        what = "while evaluating the first argument passed to builtins.toPath"
        path, context = self._state.coerce_to_path(string, what)
        return make_string(path, context)

    def store_path(self, string: Lazy) -> Value:
        """The path below its store path, links outside the store followed."""
        if self._state.settings.purity is Purity.PURE:
            raise EvaluationError("'builtins.storePath' is not allowed in pure evaluation mode")
        what = "while evaluating the first argument passed to 'builtins.storePath'"
        path, context = self._state.coerce_to_path(string, what)
        found = self._state.store_path_in(path)
        if found is None or str(found) != path:
            path = self._state.files.resolve(path)
            found = self._state.store_path_in(path)
        if found is None:
            raise EvaluationError(f"path '{path}' is not in the Nix store")
        if self._state.settings.write_store and not self._state.store.is_valid(found):
            raise EvaluationError(f"path '{found}' is not valid")
        return make_string(path, context | {OpaquePath(found)})
