"""Where program text comes from, and how a place in it is named and shown.

Offsets are counted in characters of :attr:`Source.text`. Lines and columns are counted as Nix does: lines end
with ``\\n``, ``\\r\\n`` or ``\\r``; columns start at 1 and count bytes of UTF-8, since a program can read them
(``__curPos``, ``builtins.unsafeGetAttrPos``).
"""

from __future__ import annotations

from system_manager.base.records import field, record

_LINE_END = r"\r\n|\r|\n"
_EXCERPT_WIDTH = 140


@record(frozen=True)
class Source:
    """One piece of program text.

    :param text: the program. Bytes that are not UTF-8 are kept as surrogate escapes (PEP 383).
    :param name: what messages call it: the absolute file name, ``«string»`` or ``«stdin»``.
    :param directory: absolute; relative path literals start here.
    """

    text: str = field(repr=False)
    name: str
    directory: str
    _line_starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def from_bytes(cls, data: bytes, name: str, directory: str) -> Source:
        """The source in a file's content; any bytes are accepted, the lexer reports those it cannot use."""
        return cls(data.decode("utf-8", "surrogateescape"), name, directory)

    def position(self, offset: int) -> Position:
        """The place of the character at ``offset``; the text's length is the place behind the last one."""
        return Position(self, offset)

    def line(self, number: int) -> str:
        """The text of a line (the first is 1) without its end, or ``""`` behind the last."""
        import re  # noqa: PLC0415 -- as below

        starts = self._starts()
        if number > len(starts):
            return ""
        start = starts[number - 1]
        end = re.compile(_LINE_END).search(self.text, start)
        return self.text[start : end.start() if end else len(self.text)]

    def _starts(self) -> list[int]:
        starts = self._line_starts
        if not starts:
            import re  # noqa: PLC0415 -- most programs run without asking for a place

            starts.append(0)
            starts.extend(match.end() for match in re.finditer(_LINE_END, self.text))
        return starts


@record(frozen=True)
class Position:
    """A place in a source; ``str()`` gives ``file:line:column``, as Nix writes it.

    Many are asked for, by ``functionArgs`` for instance, and few are looked at: line and column are counted then.
    """

    source: Source
    offset: int

    @property
    def line(self) -> int:
        """Its line; the first is 1."""
        from bisect import bisect_right  # noqa: PLC0415 -- as for the lines

        return bisect_right(self.source._starts(), self.offset)

    @property
    def column(self) -> int:
        """Its column, in bytes of UTF-8; the first is 1."""
        start = self.source._starts()[self.line - 1]
        return len(self.source.text[start : self.offset].encode("utf-8", "surrogateescape")) + 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    def excerpt(self, context: int = 1) -> str:
        """The line of this place with a caret below it, and ``context`` lines before and after.

        Every line starts with its number. Lines that are too long for a terminal are cut around the caret;
        control characters are shown as ``\N{REPLACEMENT CHARACTER}``.
        """
        first = max(1, self.line - context)
        last = min(len(self.source._starts()), self.line + context)
        width = max(3, len(str(last)))
        rows = []
        for number in range(first, last + 1):
            row = self.source.line(number)
            at = self.offset - self.source._starts()[self.line - 1] if number == self.line else 0
            shown, caret = _visible(row, at)
            rows.append(f"{number:>{width}}| {shown}".rstrip())
            if number == self.line:
                rows.append(f"{'':>{width}}| {' ' * caret}^")
        return "\n".join(rows)


def resolve_path(text: str, directory: str, home: str) -> str:
    """The absolute path that a path literal stands for: no ``.``, ``..`` or doubled slashes left in it.

    Symbolic links are not followed and ``..`` stops at the root, as in Nix. ``directory`` and ``home`` are
    absolute. A slash at the end is dropped. What follows ``~`` is taken as it is, in Nix, too.
    """
    if text.startswith("~/"):
        return home + text[1:]
    if not text.startswith("/"):
        text = f"{directory}/{text}"
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _visible(row: str, at: int) -> tuple[str, int]:
    """A line as a terminal can show it, and the caret's column in it."""
    start = 0
    if len(row) > _EXCERPT_WIDTH:
        start = max(0, min(at - _EXCERPT_WIDTH // 2, len(row) - _EXCERPT_WIDTH))
    cut = row[start : start + _EXCERPT_WIDTH]
    before, after = "…" if start else "", "…" if start + _EXCERPT_WIDTH < len(row) else ""
    shown = "".join(_printable(character) for character in cut)
    caret = len(before) + sum(map(_cells, cut[: at - start]))
    return before + shown + after, caret


def _printable(character: str) -> str:
    if character == "\t":
        return " "
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _cells(character: str) -> int:
    """How many columns of a terminal the character takes."""
    import unicodedata  # noqa: PLC0415 -- for errors alone

    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
