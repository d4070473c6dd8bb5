"""Making text safe and plain, or coloured, to look at."""

from __future__ import annotations

import re

# Everything that a terminal acts upon instead of showing it: C0 without tab and newline, DEL, C1.
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
_STYLE = r"\x1b\[[;?0-9]*[a-zA-Z]"
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}


def visible(text: str) -> str:
    """``text`` with control characters spelled out, so that a file's name or content cannot steer the terminal."""
    return re.sub(_CONTROL, lambda match: f"\\x{ord(match[0]):02x}", text)


def styled(text: str, colour: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
    """``text`` as a terminal shows it in this way."""
    codes = [*([_COLOURS[colour]] if colour else []), *([1] if bold else []), *([2] if dim else [])]
    return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m" if codes else text


def unstyled(text: str) -> str:
    """``text`` without colours and the like."""
    return re.sub(_STYLE, "", text)


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
