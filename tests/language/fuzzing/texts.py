"""Texts that are nearly something: programs, JSON, TOML and patterns with pieces moved, lost and repeated."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from system_manager.language.describe import quote_string

_PIECES = (
    *('"', "''", "${", "}", "{", "(", ")", "[", "]", ";", ":", ",", ".", "...", "=", "@", "?", "!", "-", "+", "*", "/"),
    *(
        "//",
        "++",
        "->",
        "==",
        "<",
        ">",
        "<a>",
        "&&",
        "||",
        "|>",
        "<|",
        "\\",
        "$",
        "$$",
        "''$",
        "'''",
        "''\\",
        "#",
        "/*",
    ),
    *(
        "*/",
        " ",
        "\n",
        "\t",
        "\r",
        "\r\n",
        "\0",
        "\x01",
        "ä",
        "\ufeff",
        "\u00a0",
        "\udcff",
        "\udc80",
        "0",
        "1.5",
        "1e9",
    ),
    *(".5", "1.", "9223372036854775808", "let", "in", "rec", "with", "inherit", "if", "then", "else", "assert", "or"),
    *("a", "a b", "__curPos", "./a", "a/b", "~/", "/", "../", "http://a", "x:y", "a.b", '"a"', "''\n  a\n''", "true"),
)
_JSON = ('{"a": [1, 2.5, -0, 1e5, null, true, "\\u00e4\\n"], "b": {}}', "[[], {}, [1]]", '"a\\ud83d\\ude00"', "-1.5E+3")
_TOML = (
    "a = 1\n[b.c]\nd = [\"x\", 'y']\n[[e]]\nf = 1.5\n[[e]]\ng = true\n",
    'a = { b = "\\u00e4", c.d = 0x1f }\nm = """\nx\\\n  y"""\nl = \'\'\'a\'b\'\'\'\n',
    "a.b.c = +1_000\n\"q u\".x = -inf\n'k' = 1e3 # comment\nempty = []\n",
    "a = [1, [2, 3], # x\n ]\nb = 0o17\nc = 0b101\nd = nan\n",
)
_DATA_PIECES = (
    *(
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\\u",
        "\\n",
        "{",
        "}",
        "[",
        "]",
        "[[",
        "]]",
        ",",
        ":",
        "=",
        ".",
        "-",
        "+",
        "_",
        "e",
    ),
    *(
        "0",
        "1",
        "x",
        "inf",
        "nan",
        "true",
        "null",
        " ",
        "\n",
        "\r",
        "\t",
        "#",
        "\x01",
        "\x7f",
        "ä",
        "1979-05-27",
        "0x",
        "99",
    ),
)
_PATTERNS = (
    "a*(b|c)+",
    "([^/]*)/(.*)",
    "[[:alpha:]]+",
    "(a|ab)(c|bcd)(d*)",
    "a{2,3}b?",
    "^(x|y)*$",
    "[]^-a]",
    "\\.\\*",
)
_PATTERN_PIECES = (
    *(
        "(",
        ")",
        "|",
        "*",
        "+",
        "?",
        "{",
        "}",
        "{2}",
        "{1,}",
        "{,2}",
        "[",
        "]",
        "[^",
        "-",
        "^",
        "$",
        ".",
        "\\",
        "\\.",
        "a",
    ),
    *(
        "b",
        "c",
        "[:digit:]",
        "[[:space:]]",
        "[a-c]",
        ",",
        "1",
        "\\1",
        "\\w",
        "\\b",
        "/",
        " ",
        "(a)",
        "()",
        "[.a.]",
        "[=a=]",
    ),
)
_SUBJECTS = (
    "",
    "a",
    "b",
    "ab",
    "abc",
    "abcd",
    "aab",
    "aaa",
    "xyx",
    "a/b/c",
    "a.b",
    "a b\n",
    "1a2b",
    "abab",
    "^$",
    "cba",
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in a program: ``before`` and ``after`` are the rest of the program.

    :param quoted: the text is put there as a string.
    """

    text: str
    before: str
    after: str = ""
    quoted: bool = False

    def __str__(self) -> str:
        return f"{self.before}{quote_string(self.text) if self.quoted else self.text}{self.after}"

    def smaller(self) -> Iterator[Text]:
        """The same without some part, the largest parts first."""
        length = len(self.text)
        while length := length // 2:
            for start in range(0, len(self.text), length):
                yield replace(self, text=self.text[:start] + self.text[start + length :])


def near_program(source: random.Random, programs: Sequence[str]) -> Text:
    """A program that was made worse."""
    return Text(_mutated(source, source.choice(programs), _PIECES), "")


def near_function(source: random.Random, programs: Sequence[str]) -> Text:
    """The same as the body of a function: only its syntax and its names can keep it from being one."""
    return replace(near_program(source, programs), before="fuzzed:\n")


def near_data(source: random.Random) -> Text:
    """A call of a builtin that reads a text: nearly JSON, TOML, or a regular expression."""
    kind = source.randrange(4)
    if kind == 0:
        return Text(_mutated(source, source.choice(_JSON), _DATA_PIECES), "builtins.fromJSON ", quoted=True)
    if kind == 1:
        return Text(_mutated(source, source.choice(_TOML), _DATA_PIECES), "builtins.fromTOML ", quoted=True)
    pattern = _mutated(source, source.choice(_PATTERNS), _PATTERN_PIECES)
    subjects = " ".join(map(quote_string, source.sample(_SUBJECTS, 6)))
    return Text(pattern, f"map (builtins.{'match' if kind == 2 else 'split'} ", f") [ {subjects} ]", quoted=True)


def _mutated(source: random.Random, text: str, pieces: Sequence[str]) -> str:
    for _ in range(source.choice((0, 1, 1, 2, 3, 5))):
        start = source.randrange(len(text) + 1)
        end = min(len(text), start + source.choice((1, 1, 2, 5, 20)))
        match source.randrange(5):
            case 0:
                text = text[:start] + text[end:]
            case 1 | 2:
                text = text[:start] + source.choice(pieces) + text[start:]
            case 3:
                text = text[:start] + source.choice(pieces) + text[end:]
            case _:
                place = source.randrange(len(text) + 1)
                text = text[:place] + text[start:end] + text[place:]
    return text
