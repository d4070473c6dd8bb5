"""How deeply nested a value can be to be written."""

from __future__ import annotations

from system_manager.language.errors import StackOverflowError

# The default of Nix's max-call-depth, which counts here, too. Without a limit a value that never ends, such as
# let f = n: { inner = f n; }; in f 0, would be written until the memory is full.
_MAX_DEPTH = 10_000


def deeper(depth: int) -> int:
    """One more than ``depth``. Raises :class:`StackOverflowError` at the limit."""
    if depth >= _MAX_DEPTH:
        raise StackOverflowError("stack overflow; max-call-depth exceeded", note="while writing a nested value")
    return depth + 1
