"""The store as an evaluation uses it: really, or only on paper.

Evaluating needs the paths that things would have, not the things. :class:`ComputingStore` gives the paths and writes
nothing, which is what ``nix-instantiate --eval`` does; :class:`WritingStore` adds what the program asks for.
"""

from __future__ import annotations

from system_manager.base.type_hints import AbstractContextManager, Iterable, Path, Protocol
from system_manager.evaluation.facts import Facts
from system_manager.store.addressing import ContentAddress, IngestionMethod, compute_text_path, make_fixed_output_path
from system_manager.store.derivation import Derivation
from system_manager.store.errors import PathNotValidError
from system_manager.store.hashing import Hash, HashAlgorithm
from system_manager.store.layout import StoreLayout
from system_manager.store.modulo import ModuloHashes
from system_manager.store.nar import PathFilter, hash_file, hash_nar
from system_manager.store.paths import STORE_DIRECTORY, StorePath


class _PathInfo(Protocol):
    @property
    def references(self) -> frozenset[StorePath]: ...

    @property
    def nar_hash(self) -> Hash: ...


class OpenStore(Protocol):
    """The part of :class:`system_manager.store.store.Store` that is used here.

    A protocol, so that a program that needs no store does not wait for its database to be imported.
    """

    layout: StoreLayout
    modulo: ModuloHashes

    def is_valid(self, path: StorePath, /) -> bool: ...

    def path_info(self, path: StorePath, /) -> _PathInfo: ...

    def closure(self, paths: Iterable[StorePath], /) -> set[StorePath]: ...

    def read_derivation(self, path: StorePath, /) -> Derivation: ...

    def add_text(self, name: str, text: str | bytes, references: Iterable[StorePath] = (), /) -> StorePath: ...

    def add_path(
        self, source: Path, name: str, /, *, accept: PathFilter | None = None, method: IngestionMethod = ...
    ) -> StorePath: ...

    def add_derivation(self, derivation: Derivation, /) -> StorePath: ...

    def batch(self) -> AbstractContextManager[None]: ...


class EvaluationStore(Protocol):
    """What builtins ask of a store. Methods raise :class:`~system_manager.store.errors.StoreError`."""

    @property
    def store_directory(self) -> str:
        """Where the content of ``/nix/store`` really is."""

    def add_text(self, name: str, text: str, references: frozenset[StorePath]) -> StorePath:
        """The path of a text that refers to these paths."""

    def add_path(self, source: str, name: str, method: IngestionMethod, accept: PathFilter | None) -> StorePath:
        """The path of a copy of a file or a tree."""

    def add_derivation(self, derivation: Derivation) -> tuple[StorePath, Derivation]:
        """The path of a ``.drv`` file, and the derivation with its output paths filled in."""

    def read_derivation(self, path: StorePath) -> Derivation:
        """What is in a ``.drv`` file."""

    def closure(self, path: StorePath) -> set[StorePath]:
        """The path and all that it refers to."""

    def references(self, path: StorePath) -> frozenset[StorePath]:
        """What a valid path refers to."""

    def is_valid(self, path: StorePath) -> bool:
        """Whether the path is in the store."""


class WritingStore:
    """A store that is added to. What is added and what is asked for is noted."""

    def __init__(self, store: OpenStore, facts: Facts) -> None:
        self._store = store
        self._facts = facts

    @property
    def store_directory(self) -> str:
        return str(self._store.layout.store_directory)

    def add_text(self, name: str, text: str, references: frozenset[StorePath]) -> StorePath:
        path = self._store.add_text(name, text, references)
        self._facts.add_made_object(path)
        return path

    def add_path(self, source: str, name: str, method: IngestionMethod, accept: PathFilter | None) -> StorePath:
        from pathlib import Path  # noqa: PLC0415 -- few programs copy anything

        path = self._store.add_path(Path(source), name, method=method, accept=accept)
        self._facts.add_made_object(path)
        return path

    def add_derivation(self, derivation: Derivation) -> tuple[StorePath, Derivation]:
        filled = self._store.modulo.fill_output_paths(derivation)
        path = self._store.add_derivation(filled)
        self._facts.add_made_object(path)
        return path, filled

    def read_derivation(self, path: StorePath) -> Derivation:
        self._facts.add_object(path, True)
        return self._store.read_derivation(path)

    def closure(self, path: StorePath) -> set[StorePath]:
        self._facts.add_object(path, True)
        return self._store.closure([path])

    def references(self, path: StorePath) -> frozenset[StorePath]:
        return _references(self._store, path, self._facts)

    def is_valid(self, path: StorePath) -> bool:
        return self._facts.add_object(path, self._store.is_valid(path))


class ComputingStore:
    """Computes the paths that additions would have, and remembers derivations to compute further ones from.

    :param store: the store that is read, if there is one.
    :param facts: where it is noted what that store has been asked for.
    """

    def __init__(self, store: OpenStore | None, facts: Facts) -> None:
        self._store = store
        self._facts = facts
        self._derivations: dict[StorePath, Derivation] = {}
        self._texts: dict[StorePath, frozenset[StorePath]] = {}
        self._modulo = ModuloHashes(self.read_derivation)

    @property
    def store_directory(self) -> str:
        return STORE_DIRECTORY if self._store is None else str(self._store.layout.store_directory)

    def add_text(self, name: str, text: str, references: frozenset[StorePath]) -> StorePath:
        path = compute_text_path(name, text, references)
        self._texts[path] = references
        return path

    def add_path(self, source: str, name: str, method: IngestionMethod, accept: PathFilter | None) -> StorePath:
        if method is IngestionMethod.RECURSIVE:
            content_hash = hash_nar(source, accept=accept).hash
        else:
            content_hash = hash_file(source, HashAlgorithm.SHA256).hash
        return make_fixed_output_path(name, ContentAddress(method, content_hash))

    def add_derivation(self, derivation: Derivation) -> tuple[StorePath, Derivation]:
        path, filled = self._modulo.complete(derivation)
        self._derivations[path] = filled
        return path, filled

    def read_derivation(self, path: StorePath) -> Derivation:
        known = self._derivations.get(path)
        if known is not None:
            return known
        if self._store is None:
            raise PathNotValidError(f"derivation '{path}' is not valid")
        self._facts.add_object(path, True)
        return self._store.read_derivation(path)

    def closure(self, path: StorePath) -> set[StorePath]:
        found: set[StorePath] = set()
        pending = [path]
        while pending:
            current = pending.pop()
            if current not in found:
                found.add(current)
                pending += self._mentioned_by(current)
        return found

    def _mentioned_by(self, path: StorePath) -> Iterable[StorePath]:
        derivation = self._derivations.get(path)
        if derivation is not None:
            return derivation.references
        # A source that was only computed refers to nothing.
        return self._texts.get(path, frozenset()) if not self.is_valid(path) else self.references(path)

    def references(self, path: StorePath) -> frozenset[StorePath]:
        if self._store is None:
            raise PathNotValidError(f"path '{path}' is not valid")
        return _references(self._store, path, self._facts)

    def is_valid(self, path: StorePath) -> bool:
        return self._store is not None and self._facts.add_object(path, self._store.is_valid(path))


def _references(store: OpenStore, path: StorePath, facts: Facts) -> frozenset[StorePath]:
    if not store.is_valid(path):
        facts.add_object(path, False)
        raise PathNotValidError(f"path '{path}' is not valid")
    info = store.path_info(path)
    facts.add_object_content(path, info.nar_hash.sri)
    return info.references
