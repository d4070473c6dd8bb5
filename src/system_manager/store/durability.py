"""Waiting until what was written is on disk, for whole file systems at once.

Building a system writes hundreds of small files. Each could be flushed by itself, which waits for the disk
hundreds of times; ``syncfs(2)`` waits once.
"""

from __future__ import annotations

import os
from pathlib import Path

from system_manager.base.type_hints import Iterable


def sync_file_systems(directories: Iterable[Path]) -> None:
    """Flush the file systems that hold these directories, each once. Raises OSError."""
    import ctypes  # noqa: PLC0415 - costs milliseconds that most commands need not spend

    libc = ctypes.CDLL(None, use_errno=True)
    seen: set[int] = set()
    for directory in directories:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            device = os.fstat(descriptor).st_dev
            if device not in seen:
                seen.add(device)
                if libc.syncfs(descriptor) != 0:
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number), str(directory))
        finally:
            os.close(descriptor)
