"""From what a builder left behind to what can be registered."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from system_manager.base.type_hints import Callable, Iterable, Mapping
from system_manager.store.addressing import ContentAddress, IngestionMethod, make_fixed_output_path
from system_manager.store.building.environment import structured_attributes
from system_manager.store.building.output_checks import check_outputs
from system_manager.store.database import PathInfo
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError
from system_manager.store.hashing import Hash, HashAlgorithm
from system_manager.store.metadata import canonicalise, remove_tree
from system_manager.store.nar import HashResult, HashSink, hash_file, hash_nar, restore_nar, write_nar
from system_manager.store.paths import StorePath
from system_manager.store.references import ReferenceScanner

_MEMORY_BYTES = 32 << 20


def require_output(path: StorePath, name: str, real: Path) -> None:
    """Raise :class:`BuildFailedError` unless the builder has made the output, and kept others away from it."""
    try:
        mode = real.lstat().st_mode
    except FileNotFoundError:
        raise BuildFailedError(f"the builder failed to produce the output '{name}'", where=str(path)) from None
    if not stat.S_ISLNK(mode) and mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise BuildFailedError(f"the output '{name}' can be written by everybody", where=str(path))


def take_from_sandbox(
    path: StorePath, derivation: Derivation, produced: Mapping[str, tuple[Path, Path]], builder_user: int
) -> None:
    """Move outputs from the sandbox to where they belong.

    :param produced: for each output, where it is and where it has to be.
    """
    for name, (scratch, _) in produced.items():
        require_output(path, name, scratch)
    for scratch, real in produced.values():
        remove_tree(real)
        canonicalise(scratch, builder_user=builder_user)
        if derivation.is_fixed_output:
            # A builder with network access can hand an open file to a friend outside, who could still write to it
            # after the hash was checked. A copy is nobody else's.
            _copy(scratch, real)
        else:
            _rename(scratch, real)


def _rename(source: Path, destination: Path) -> None:
    mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        source.chmod(0o755)  # a move changes its "..", which needs write permission
    source.rename(destination)
    if stat.S_ISDIR(mode):
        destination.chmod(0o555)
        os.utime(destination, (1, 1))


def _copy(source: Path, destination: Path) -> None:
    with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as spool:
        write_nar(source, spool.write)
        spool.seek(0)
        restore_nar(spool.read, destination)


def describe_outputs(
    path: StorePath,
    derivation: Derivation,
    produced: Mapping[str, Path],
    candidates: Iterable[StorePath],
    path_info: Callable[[StorePath], PathInfo],
) -> list[PathInfo]:
    """Scan and check the outputs that were made, and say what to register.

    :param produced: real locations by output; in the state in which files rest in the store.
    :param candidates: what the outputs may refer to, the derivation's own outputs aside.

    Raises :class:`BuildFailedError`.
    """
    referable = [*candidates, *(derivation.output_path(name) for name in derivation.outputs)]
    discard = _discarded(derivation)
    infos = {}
    for name, real in produced.items():
        nar, references = _scan(real, () if name in discard else referable)
        content = derivation.outputs[name].content
        if content is not None:
            _check_content(path, derivation, content, real, nar.hash)
            if references:
                raise BuildFailedError(
                    f"a fixed-output derivation must not refer to store paths, but this one refers to "
                    f"{len(references)}, e.g. '{min(references)}'",
                    where=str(path),
                )
        infos[name] = PathInfo(
            derivation.output_path(name),
            nar.hash,
            nar.size,
            references,
            deriver=path,
            ultimate=True,
            content_address=content,
        )
    _refuse_cycles(path, infos)
    check_outputs(derivation, infos, path_info)
    return list(infos.values())


def _scan(real: Path, candidates: Iterable[StorePath]) -> tuple[HashResult, frozenset[StorePath]]:
    sink = HashSink(HashAlgorithm.SHA256)
    scanner = ReferenceScanner(candidates)

    def write(data: bytes) -> None:
        sink.write(data)
        scanner.write(data)

    write_nar(real, write)
    return sink.result(), scanner.found()


def _discarded(derivation: Derivation) -> set[str]:
    given = (structured_attributes(derivation) or {}).get("unsafeDiscardReferences")
    return {name for name, value in given.items() if value is True} if isinstance(given, dict) else set()


def _check_content(path: StorePath, derivation: Derivation, wanted: ContentAddress, real: Path, nar_hash: Hash) -> None:
    algorithm = wanted.hash.algorithm
    if wanted.method is IngestionMethod.RECURSIVE:
        found = nar_hash if algorithm is HashAlgorithm.SHA256 else hash_nar(real, algorithm).hash
    else:
        mode = real.lstat().st_mode
        if not stat.S_ISREG(mode) or mode & stat.S_IXUSR:
            raise BuildFailedError(
                "the output must be a regular file that is not executable, because its hash is flat",
                where=str(path),
                hint="set outputHashMode to 'recursive'",
            )
        found = hash_file(real, algorithm).hash
    if found != wanted.hash:
        expected = make_fixed_output_path(derivation.name, wanted)
        raise BuildFailedError(
            f"hash mismatch in fixed-output derivation:\n  specified: {wanted.hash.sri}\n  got:       {found.sri}",
            where=str(path),
            hint=f"if the new content of '{expected.name}' is what you want, write its hash into the configuration",
        )


def _refuse_cycles(path: StorePath, infos: Mapping[str, PathInfo]) -> None:
    """Raise for outputs that refer to each other in a circle: none of them could ever be deleted."""
    remaining = {info.path: set(info.references) - {info.path} for info in infos.values()}
    while remaining:
        free = [own for own, references in remaining.items() if not references & remaining.keys()]
        if not free:
            listed = ", ".join(sorted(name for name, info in infos.items() if info.path in remaining))
            raise BuildFailedError(f"the outputs {listed} refer to each other", where=str(path))
        for own in free:
            del remaining[own]
