"""Strings of the language are bytes; Python's are characters.

A string value is the UTF-8 decoding of its bytes, with every byte that is not part of valid UTF-8 kept as a surrogate
escape (PEP 383). Whoever counts, cuts or compares by position goes through the *byte view*: a string with one
character per byte. For ASCII text, which is nearly all there is, both are the same object and nothing is converted.
"""

from __future__ import annotations

from system_manager.base.type_hints import Iterable


def byte_view(text: str) -> str:
    """One character (0-255) per byte; ``text`` itself when it is ASCII."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def from_byte_view(view: str) -> str:
    """The string whose byte view is ``view``."""
    return view if view.isascii() else view.encode("latin-1").decode("utf-8", "surrogateescape")


def byte_length(text: str) -> int:
    """The number of bytes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def text_before(left: str, right: str) -> bool:
    """Whether the bytes of ``left`` come before those of ``right``."""
    # Code points have the order of their bytes, and so do bytes that are no character when compared with ASCII.
    if left.isascii() or right.isascii():
        return left < right
    return left.encode("utf-8", "surrogateescape") < right.encode("utf-8", "surrogateescape")


def sort_texts(texts: Iterable[str]) -> list[str]:
    """The texts in the order of their bytes."""
    ordered = sorted(texts)
    if "".join(ordered).isascii():
        return ordered
    return sorted(ordered, key=lambda text: text.encode("utf-8", "surrogateescape"))


def rejoin(text: str) -> str:
    """The canonical form of a text that was put together from pieces.

    A character that had been cut into bytes is a character again when its bytes are back together.
    """
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return text
