"""Corpora of programs: one file each, in a folder that tells the feature, with what real Nix makes of it beside it.

``<feature>/<name>.nix`` has one of

* ``<name>.out``: the value as ``nix-instantiate --eval --strict`` prints it;
* ``<name>.err``: the class of our error and our message; after ``Nix:`` what Nix says where it says something else.

``<name>.2.26.out`` or ``<name>.2.26.err`` holds what Nix 2.26 makes of a program that means something else to it than
to Nix 2.34 (of an error, its message only); everything else holds for both. ``--accept`` writes what Nix answers, and
refuses where this evaluator does not agree with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from system_manager.language.errors import AssertionFailedError, EvaluationError, InternalError, ThrownError
from tests.support.answers import Answer

NEWEST, STABLE = "2.34", "2.26"

_NIX_SAYS = "\nNix: "


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ends here.

    :param value: printed, without a line end; None if it fails.
    :param error: the class of the error and the rendered message.
    :param what: the message alone.
    :param caught: whether ``builtins.tryEval`` catches the error.
    """

    value: str | None = None
    error: str | None = None
    what: str = ""
    caught: bool = False

    @property
    def text(self) -> str:
        """What is recorded."""
        return f"{self.error if self.value is None else self.value}\n"

    @classmethod
    def of(cls, evaluate: Callable[[], str], hide: Callable[[str], str] = str) -> Ending:
        """Evaluate. ``hide`` takes out of messages what differs between machines."""
        try:
            return cls(value=evaluate())
        except EvaluationError as error:
            assert not isinstance(error, InternalError), error.render()
            caught = isinstance(error, ThrownError | AssertionFailedError)
            return cls(None, f"{type(error).__name__}\n{hide(error.render())}", hide(error.what), caught)


@dataclass(frozen=True, slots=True)
class Case:
    """One program of a corpus."""

    program: Path

    def __str__(self) -> str:
        return f"{self.program.parent.name}/{self.program.stem}"

    def file(self, suffix: str) -> Path:
        return self.program.with_suffix(suffix)

    @property
    def fails(self) -> bool:
        return not self.file(".out").exists()

    def is_other_in(self, version: str) -> bool:
        """Whether it means something else to this Nix."""
        return self.file(f".{version}.out").exists() or self.file(f".{version}.err").exists()

    def recorded(self) -> str:
        """What it yields, or our error."""
        file = self.file(".err" if self.fails else ".out")
        return _read(file).partition(_NIX_SAYS)[0] if file.exists() else f"nothing: --accept writes {file.name}\n"

    def disagreement(self, answer: Answer, version: str) -> str | None:
        """What is wrong between the record and the answer of this Nix, if anything."""
        for of in (f".{version}", ""):
            output, error = self.file(f"{of}.out"), self.file(f"{of}.err")
            if output.exists():
                expected = _read(output)
                return None if f"{answer.value}\n" == expected else f"not {expected}but {answer}"
            if error.exists():
                return self._error_disagreement(answer, _read(error), version, own=not of)
        return "nothing is recorded"

    def _error_disagreement(self, answer: Answer, recorded: str, version: str, *, own: bool) -> str | None:
        if answer.error is None:
            return f"Nix {version} accepts it: {answer.value}"
        if not own:
            return None if f"{answer.error}\n" == recorded else f"not {recorded}but {answer.error}"
        ours, _, theirs = recorded.partition(_NIX_SAYS)
        if answer.caught != ours.startswith(("ThrownError\n", "AssertionFailedError\n")):
            return f"tryEval {'catches' if answer.caught else 'does not catch'} this in Nix {version}"
        if version == NEWEST and theirs.strip() != (answer.error if _reworded(ours, answer.error) else ""):
            return f"Nix {version} says: {answer.error}"
        return None

    def accept(self, ending: Ending, newest: Answer, stable: Answer) -> None:
        """Record what real Nix makes of it. Fails the test, and records nothing, where we make something else of it."""
        ours = Answer(ending.value, ending.error, ending.caught)
        if ours.outcome != newest.outcome:
            pytest.fail(f"Nix makes something else of it: {newest}", pytrace=False)
        for suffix in (".out", ".err", f".{STABLE}.out", f".{STABLE}.err"):
            self.file(suffix).unlink(missing_ok=True)
        if newest.error is None:
            _write(self.file(".out"), f"{newest.value}\n")
        else:
            reworded = _reworded(ending.text, newest.error)
            _write(self.file(".err"), ending.text + (f"{_NIX_SAYS}{newest.error}\n" if reworded else ""))
        if stable.outcome != newest.outcome:
            if stable.error is None:
                _write(self.file(f".{STABLE}.out"), f"{stable.value}\n")
            else:
                _write(self.file(f".{STABLE}.err"), f"{stable.error}\n")


def cases(directory: Path) -> list[Case]:
    """The corpus in a directory, sorted by name."""
    return [Case(program) for program in sorted(directory.glob("*/*.nix"))]


def _reworded(ours: str, message: str) -> bool:
    """Whether our error is not Nix's message, perhaps with more behind it."""
    return f"error: {message}" not in ours


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="surrogateescape")


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
