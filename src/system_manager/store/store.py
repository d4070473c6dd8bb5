"""The store, as everybody else uses it: content in, store paths out."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from system_manager.base.type_hints import Callable, Iterable, Iterator, Mapping
from system_manager.store.addressing import ContentAddress, IngestionMethod, make_fixed_output_path
from system_manager.store.database import PathInfo
from system_manager.store.derivation import Derivation
from system_manager.store.errors import PathNotValidError, StoreError
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.metadata import new_store_file, remove_quietly, remove_tree, write_store_file
from system_manager.store.nar import (
    HashResult,
    HashSink,
    PathFilter,
    file_nar,
    hash_file,
    hash_nar,
    restore_nar,
    write_nar,
)
from system_manager.store.paths import DERIVATION_EXTENSION, StorePath
from system_manager.store.registry import Registry
from system_manager.store.roots import add_indirect_root, add_permanent_root

_CHUNK = 1 << 20
_MEMORY_BYTES = 32 << 20  # an archive up to this size stays in memory until its store path is known


class Store(Registry):
    """An open store. See :class:`Registry` for what can be asked and :meth:`batch` for many additions at once."""

    @classmethod
    def open(cls, root: Path = Path("/"), *, read_only: bool = False, use_reserve: bool = False) -> Store:
        """Open the store under ``root``, and make it if there is none and ``read_only`` is not asked for.

        :param use_reserve: free the 8 MiB that are kept for this, so that garbage can be collected on a full disk.

        Raises :class:`StoreUnavailableError` or :class:`CorruptStoreError`.
        """
        return cls(root, read_only=read_only, use_reserve=use_reserve)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def add_text(self, name: str, text: str | bytes, references: Iterable[StorePath] = ()) -> StorePath:
        """Add a text, as ``builtins.toFile`` does; the references must be valid.

        Raises :class:`PathNotValidError`, :class:`InvalidStorePathError` for the name, :class:`StoreError`.
        """
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        return self._add_text(name, data, frozenset(references), outputs=None)

    def add_derivation(self, derivation: Derivation) -> StorePath:
        """Write the ``.drv`` file of a derivation whose output paths are known; its inputs must be valid.

        Raises :class:`InvalidDerivationError` when an output path is not the one that Nix computes.
        """
        self.modulo.check_output_paths(derivation)
        outputs = {name: output.path for name, output in derivation.outputs.items() if output.path is not None}
        name = derivation.name + DERIVATION_EXTENSION
        path = self._add_text(name, derivation.to_aterm(), derivation.references, outputs=outputs)
        self.modulo.record(path, derivation)
        return path

    def add_path(
        self,
        source: Path,
        name: str,
        *,
        accept: PathFilter | None = None,
        method: IngestionMethod = IngestionMethod.RECURSIVE,
        algorithm: HashAlgorithm = HashAlgorithm.SHA256,
        references: Iterable[StorePath] = (),
    ) -> StorePath:
        """Copy a file or a tree into the store; links inside it stay links.

        :param accept: leaves out entries, as the filter of ``builtins.filterSource``.
        :param method: FLAT takes the bytes of one regular file, without its executable bit.

        Raises :class:`StoreError` and its kinds.
        """
        known = frozenset(references)
        with clear_file_errors(source):
            if method is not IngestionMethod.RECURSIVE:
                return self._add_flat(source, name, ContentAddress(method, hash_file(source, algorithm).hash), known)
            import tempfile  # noqa: PLC0415 - an evaluation that only reads need not wait for it

            with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as spool:
                by_nar = HashSink(HashAlgorithm.SHA256)
                by_algorithm = by_nar if algorithm is HashAlgorithm.SHA256 else HashSink(algorithm)

                def keep(data: bytes) -> None:
                    spool.write(data)
                    by_nar.write(data)
                    if by_algorithm is not by_nar:
                        by_algorithm.write(data)

                write_nar(source, keep, accept=accept)
                spool.seek(0)
                content = ContentAddress(method, by_algorithm.result().hash)
                return self._add_content(
                    name, content, known, lambda real: restore_nar(spool.read, real), by_nar.result()
                )

    def add_nar(self, info: PathInfo, read: Callable[[int], bytes]) -> None:
        """Add a path from an archive, and check that it is the one that ``info`` speaks of.

        Raises :class:`InvalidNarError`, or :class:`StoreError` when the hash differs; nothing is added then.
        """
        if self.assure_valid(info.path):
            return
        real = self.real_path(info.path)
        locks = self.lock([info.path])
        try:
            with clear_file_errors(real):
                if self.assure_valid(info.path):
                    return
                remove_tree(real)
                restore_nar(read, real)
                found = hash_nar(real)
                if (found.hash, found.size) != (info.nar_hash, info.nar_size):
                    raise StoreError(
                        f"hash mismatch importing path '{info.path}': "
                        f"specified {info.nar_hash.sri}, got {found.hash.sri}"
                    )
                self.register([info], locks)
        except BaseException:
            remove_quietly(real)
            raise
        finally:
            locks.release()

    def add_root(self, link: Path, path: StorePath) -> None:
        """Keep a valid path, and all it refers to, for as long as ``link`` exists and points to it.

        ``link`` is a real location. Below the store's ``gcroots`` it is a root by itself; anywhere else it is
        registered there. Everything is on disk when this returns. Raises :class:`PathNotValidError`,
        :class:`StoreError`.
        """
        if not self.assure_valid(path):
            raise PathNotValidError(f"path '{path}' is not valid, so it cannot be kept")
        self.flush()
        with clear_file_errors(link):
            self.sync()
            if link.absolute().is_relative_to(self.layout.state_directory):
                add_permanent_root(link, path)
            else:
                add_indirect_root(self.layout, link, path)

    def _add_text(
        self,
        name: str,
        data: bytes,
        references: frozenset[StorePath],
        *,
        outputs: Mapping[str, StorePath] | None,
    ) -> StorePath:
        content = ContentAddress(IngestionMethod.TEXT, hash_bytes(HashAlgorithm.SHA256, data))
        archive = file_nar(data)
        nar = HashResult(hash_bytes(HashAlgorithm.SHA256, archive), len(archive))
        return self._add_content(
            name, content, references, lambda real: write_store_file(real, data), nar, outputs=outputs
        )

    def _add_flat(
        self, source: Path, name: str, content: ContentAddress, references: frozenset[StorePath]
    ) -> StorePath:
        def copy(real: Path) -> None:
            with source.open("rb") as file, new_store_file(real) as copied:
                while chunk := file.read(_CHUNK):
                    copied.write(chunk)
            if hash_file(real, content.hash.algorithm).hash != content.hash:
                raise StoreError(f"file '{source}' changed while it was read", hint="try again")

        return self._add_content(name, content, references, copy, None)

    def _add_content(
        self,
        name: str,
        content: ContentAddress,
        references: frozenset[StorePath],
        write: Callable[[Path], None],
        nar: HashResult | None,
        *,
        outputs: Mapping[str, StorePath] | None = None,
    ) -> StorePath:
        """Add what ``write`` writes; ``nar`` is computed afterwards if it is not known."""
        path = make_fixed_output_path(name, content, references)
        if self.assure_valid(path):
            return path
        for reference in references:
            if not self.assure_valid(reference):
                raise PathNotValidError(f"path '{reference}' is not valid, so '{name}' cannot refer to it")
        real = self.real_path(path)
        with clear_file_errors(real):
            locks = self.lock([path])
            try:
                if self.assure_valid(path):
                    return path
                remove_tree(real)
                write(real)
                nar = nar or hash_nar(real)
                info = PathInfo(path, nar.hash, nar.size, references, content_address=content)
                self.register([info], locks, derivation_outputs={path: outputs} if outputs else None)
            except BaseException:
                if not self.is_valid(path):
                    remove_quietly(real)
                raise
            finally:
                locks.release()
        return path


@contextlib.contextmanager
def clear_file_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a :class:`StoreError` that says which file and what to do."""
    try:
        yield
    except OSError as error:
        hint = None
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = "free some space, for example by collecting garbage"
        elif error.errno == errno.EMFILE:
            hint = "raise the limit on open files (ulimit -n)"
        where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(path)
        raise StoreError(f"the store operation failed: {error.strerror or error}", where=where, hint=hint) from error
