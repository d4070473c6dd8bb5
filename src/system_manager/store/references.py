"""Finding which store paths a build output mentions.

A reference is any occurrence of a store path's hash part, anywhere in the output's archive: in file contents,
in targets of links, in file names.
"""

from __future__ import annotations

from system_manager.base.type_hints import Iterable
from system_manager.store.hashing import NIX32_ALPHABET
from system_manager.store.paths import HASH_PART_LENGTH, StorePath

_RUN = b"[%s]{%d,}" % (NIX32_ALPHABET.encode(), HASH_PART_LENGTH)
_FEW = 24  # up to here one fast search for each candidate beats one slow search for all


class ReferenceScanner:
    """Is fed an archive in pieces and collects which of the candidates occur in it."""

    def __init__(self, candidates: Iterable[StorePath]) -> None:
        self._missing: dict[bytes, list[StorePath]] = {}
        for path in candidates:
            self._missing.setdefault(path.hash_part.encode(), []).append(path)
        self._found: set[StorePath] = set()
        self._tail = b""

    def write(self, data: bytes) -> None:
        """Look at the next piece; a hash part may be split between pieces."""
        if not self._missing:
            return
        if self._tail:
            self._scan(self._tail + data[: HASH_PART_LENGTH - 1])
        self._scan(data)
        if len(data) >= HASH_PART_LENGTH - 1:
            self._tail = data[-(HASH_PART_LENGTH - 1) :]
        else:
            self._tail = (self._tail + data)[-(HASH_PART_LENGTH - 1) :]

    def found(self) -> frozenset[StorePath]:
        """The candidates that occurred so far."""
        return frozenset(self._found)

    def _scan(self, data: bytes) -> None:
        if len(self._missing) <= _FEW:
            for hash_part in [hash_part for hash_part in self._missing if hash_part in data]:
                self._found.update(self._missing.pop(hash_part))
            return
        import re  # noqa: PLC0415 -- programs that build nothing save it

        for match in re.finditer(_RUN, data):
            run = match.group()
            for start in range(len(run) - HASH_PART_LENGTH + 1):
                paths = self._missing.pop(run[start : start + HASH_PART_LENGTH], None)
                if paths is not None:
                    self._found.update(paths)
