"""How deep Python may recurse while a program is read, printed or evaluated.

Python functions that call Python functions use no C stack, so the interpreter's limit is a safety net that can be
moved; what stays is memory. This is the only place that moves it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager

from system_manager.base.type_hints import Iterator

SYNTAX_FRAMES = 800_000  # some 130 000 nested parentheses, in 350 MB


@contextmanager
def recursion_allowed(frames: int) -> Iterator[None]:
    """Let at least this many frames be active in the block; a limit that is higher already is left alone."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, frames))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
