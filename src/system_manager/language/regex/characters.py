"""Sets of bytes by name, in the C locale: classes, collating elements, equivalence classes."""

from __future__ import annotations

ANY_BYTE = (1 << 256) - 1


def _mask(characters: str) -> int:
    mask = 0
    for character in characters:
        mask |= 1 << ord(character)
    return mask


_LOWER = _mask("abcdefghijklmnopqrstuvwxyz")
_UPPER = _mask("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGIT = _mask("0123456789")
_ALPHA = _LOWER | _UPPER
_ALNUM = _ALPHA | _DIGIT
_SPACE = _mask(" \t\n\v\f\r")
_GRAPH = ((1 << 127) - 1) & ~((1 << 33) - 1)

# "d", "s" and "w" are not in POSIX; the C++ standard adds them to every dialect.
_CLASSES = {
    "alnum": _ALNUM,
    "alpha": _ALPHA,
    "blank": _mask(" \t"),
    "cntrl": ((1 << 32) - 1) | 1 << 127,
    "d": _DIGIT,
    "digit": _DIGIT,
    "graph": _GRAPH,
    "lower": _LOWER,
    "print": _GRAPH | 1 << 32,
    "punct": _GRAPH & ~_ALNUM,
    "s": _SPACE,
    "space": _SPACE,
    "upper": _UPPER,
    "w": _ALNUM | _mask("_"),
    "xdigit": _DIGIT | _mask("abcdefABCDEF"),
}

# The symbolic names of the portable character set (POSIX.1-2024, XBD 6.1) that are not the character itself,
# in the order of their codes.
_CONTROL_NAMES = (
    "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI "
    "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1"
)
_PUNCTUATION_NAMES = {
    " ": "space",
    "!": "exclamation-mark",
    '"': "quotation-mark",
    "#": "number-sign",
    "$": "dollar-sign",
    "%": "percent-sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left-parenthesis",
    ")": "right-parenthesis",
    "*": "asterisk",
    "+": "plus-sign",
    ",": "comma",
    "-": "hyphen",
    ".": "period",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less-than-sign",
    "=": "equals-sign",
    ">": "greater-than-sign",
    "?": "question-mark",
    "@": "commercial-at",
    "[": "left-square-bracket",
    "\\": "backslash",
    "]": "right-square-bracket",
    "^": "circumflex",
    "_": "underscore",
    "`": "grave-accent",
    "{": "left-curly-bracket",
    "|": "vertical-line",
    "}": "right-curly-bracket",
    "~": "tilde",
    "\x7f": "DEL",
}
_DIGIT_NAMES = "zero one two three four five six seven eight nine"


def _collating_elements() -> dict[str, int]:
    names = {name: code for code, name in enumerate(_CONTROL_NAMES.split())}
    names.update({name: ord(character) for character, name in _PUNCTUATION_NAMES.items()})
    names.update({name: ord("0") + value for value, name in enumerate(_DIGIT_NAMES.split())})
    names.update({chr(code): code for code in range(128) if 1 << code & _ALPHA})
    return names


def named_class(name: str) -> int:
    """The bytes of ``[:name:]``, 0 when there is no such class. Upper and lower case of the name are the same."""
    return _CLASSES.get(name.lower(), 0)


def collating_element(name: str) -> int | None:
    """The byte that ``[.name.]`` stands for."""
    return _collating_elements().get(name)


def equivalence_class(byte: int) -> int:
    """The bytes that sort the same as this one when case is ignored."""
    character = chr(byte)
    return 1 << ord(character.lower()) | 1 << ord(character.upper()) if byte < 128 else 1 << byte
