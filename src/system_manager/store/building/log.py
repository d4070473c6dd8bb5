"""What a builder prints: passed on line by line, kept in part for errors, and whole in a file."""

from __future__ import annotations

import bz2
import contextlib
from collections import deque
from pathlib import Path

from system_manager.base.type_hints import BinaryIO, Callable, Iterator


class BuildLog:
    """Takes output in pieces and splits it into lines."""

    def __init__(self, size: int, report_line: Callable[[str], None], file: BinaryIO | None) -> None:
        """``size`` is the number of lines to remember."""
        self._report_line = report_line
        self._unfinished = b""
        self._file = file
        self.last_lines: deque[str] = deque(maxlen=size)

    def write(self, data: bytes) -> None:
        """Take the next piece of output."""
        if self._file is not None:
            try:
                self._file.write(data)
            except OSError:
                self._file = None  # a log that does not fit on the disk is no reason to fail
        *finished, self._unfinished = (self._unfinished + data).split(b"\n")
        for line in finished:
            self._take(line)

    def finish(self) -> None:
        """Take the last line, which may have no end."""
        if self._unfinished:
            self._take(self._unfinished)
            self._unfinished = b""

    def _take(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self.last_lines.append(text)
        self._report_line(text)


@contextlib.contextmanager
def open_log(path: Path, size: int, report_line: Callable[[str], None]) -> Iterator[BuildLog]:
    """A log that is also written, compressed, to ``path``, if that is possible."""
    with contextlib.ExitStack() as stack:
        file = None
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            file = stack.enter_context(_closed_quietly(bz2.BZ2File(path, "wb")))
        yield BuildLog(size, report_line, file)


@contextlib.contextmanager
def _closed_quietly(file: bz2.BZ2File) -> Iterator[BinaryIO]:
    try:
        yield file  # type: ignore[misc]  # a binary file in all but its declared base class
    finally:
        with contextlib.suppress(OSError):
            file.close()
