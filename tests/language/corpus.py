"""The corpus: small programs by feature, with what they evaluate to or how they fail beside them.

``cases/<feature>/<name>.nix`` has either ``<name>.out``, the value as ``nix-instantiate --eval --strict`` prints it,
or ``<name>.err``, the class of our error and its whole message. A name says what the program shows.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).parent / "cases"
# The directory that programs see, so that paths and positions in the expected output hold anywhere.
INSIDE = "/cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One program."""

    program: Path

    @property
    def name(self) -> str:
        return f"{self.program.parent.name}/{self.program.stem}"

    @property
    def inside(self) -> str:
        """The program's file name as the program sees it."""
        return f"{INSIDE}/{self.name}.nix"

    @property
    def output(self) -> Path:
        return self.program.with_suffix(".out")

    @property
    def error(self) -> Path:
        return self.program.with_suffix(".err")


def cases() -> list[Case]:
    """All cases, sorted by name."""
    return [Case(program) for program in sorted(DIRECTORY.glob("*/*.nix"))]


def succeeding() -> list[Case]:
    return [case for case in cases() if case.output.exists()]


def failing() -> list[Case]:
    return [case for case in cases() if not case.output.exists()]


def compare(actual: str, expected: Path, *, accept: bool) -> None:
    """Fail with a diff if the text is not what the file has; with ``accept``, write the file instead."""
    if accept:
        expected.write_text(actual, encoding="utf-8", errors="surrogateescape")
        return
    if not expected.exists():
        pytest.fail(f"{expected.name} is missing; --accept writes it:\n{actual}")
    wanted = expected.read_text(encoding="utf-8", errors="surrogateescape")
    if actual != wanted:
        difference = difflib.unified_diff(
            wanted.splitlines(), actual.splitlines(), expected.name, "what came out", lineterm=""
        )
        pytest.fail("\n".join(difference), pytrace=False)
