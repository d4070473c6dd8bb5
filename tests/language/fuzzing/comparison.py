"""Whether this evaluator and real Nix make the same of a program, for many programs at a time."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.language.errors import (
    AssertionFailedError,
    EvaluationError,
    InternalError,
    ThrownError,
)
from system_manager.language.parser import parse
from system_manager.language.printer import print_value
from system_manager.language.source import Source
from system_manager.language.syntax_printer import print_syntax
from tests.support.answers import Answer, ask
from tests.support.oracle import Oracle

_FAULT = "a fault of the evaluator"
_ALL_BUILTINS = "builtins = «repeated»; catAttrs"
_UNFINISHED = re.compile("not closed|the end of the file")


class Program(Protocol):
    """What can be compared: its text, as ``str``, and what it may be shrunk to."""

    def smaller(self) -> Iterator[Program]:
        """Simpler programs, the simplest first."""
        ...


@dataclass(frozen=True, slots=True)
class Difference:
    """A program that the two do not make the same of."""

    program: Program
    ours: Answer
    nix: Answer

    def __str__(self) -> str:
        return f"{self.program}\n  ours: {_describe(self.ours)}\n  Nix:  {_describe(self.nix)}"


def _describe(answer: Answer) -> str:
    return answer.value or f"{'caught ' if answer.caught else ''}error: {answer.error}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Evaluates programs by both, here and inside the oracle, in a directory that has the same name for both.

    ``./sub`` exists and can be imported.
    """

    oracle: Oracle
    directory: Path

    @classmethod
    @contextmanager
    def start(cls, oracle: Oracle) -> Iterator[Comparison]:
        """A comparison that shares its directory with the oracle while it lasts."""
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "sub").mkdir()
            Path(directory, "sub", "default.nix").write_text('{ a = 1; b = "text"; }\n')
            oracle.share(Path(directory))
            try:
                yield cls(oracle, Path(directory))
            finally:
                oracle.unshare(directory)

    def differences(self, programs: Sequence[Program]) -> list[Difference]:
        """The programs that end differently, here for the first time or with the code that this has left compiled."""
        files = self._write(programs)
        ours = evaluate(files, self.directory / "code")
        unfinished = [file for file, our in zip(files, ours, strict=True) if _UNFINISHED.search(our.error or "")]
        theirs = ask(self.oracle, files, unfinished=unfinished)
        again = evaluate(files, self.directory / "code")
        return [
            Difference(program, our if our.outcome == warm.outcome else warm, their)
            for program, our, warm, their in zip(programs, ours, again, theirs, strict=True)
            if not (_agree(our, their) and _agree(warm, their))
        ]

    def differing_trees(self, programs: Sequence[Program]) -> list[Difference]:
        """The programs that both accept and parse to different trees."""
        found = []
        written = dict(zip(self._write(programs), programs, strict=True))
        endings = zip(written, evaluate([*written], self.directory / "code"), strict=True)
        ours = {file: _tree(file) for file, ending in endings if ending.value is not None}
        result = self.oracle.run(["nix-instantiate", "--parse", *ours])
        for (file, tree), their in zip(ours.items(), result.stdout.split("\n"), strict=False):
            if tree != their:
                found.append(Difference(written[file], Answer(tree), Answer(their)))
                break  # one whose tree has a line end in it shifts all others
        return found

    def _write(self, programs: Sequence[Program]) -> list[str]:
        files = [str(self.directory / f"{number}.nix") for number in range(len(programs))]
        for file, program in zip(files, programs, strict=True):
            Path(file).write_bytes(f"{program}\n".encode("utf-8", "surrogateescape"))
        return files

    def shrink(self, difference: Difference, *, rounds: int = 60, breadth: int = 400) -> Difference:
        """The smallest difference that can be reached, all smaller programs of one round being asked at once."""
        for _ in range(rounds):
            candidates: dict[str, Program] = {}
            for candidate in difference.program.smaller():
                if len(str(candidate)) < len(str(difference.program)):
                    candidates.setdefault(str(candidate), candidate)
                if len(candidates) == breadth:
                    break
            found = self.differences(sorted(candidates.values(), key=lambda node: len(str(node))))
            if not found:
                break
            difference = min(found, key=lambda one: len(str(one.program)))
        return difference


def _agree(ours: Answer, theirs: Answer) -> bool:
    if theirs.gave_up:
        return not (ours.value or "").startswith(_FAULT)
    if ours.error is None or theirs.error is None:
        # The set of all builtins has the version and the time in it.
        return ours.value == theirs.value or _ALL_BUILTINS in (ours.value or "")
    # Where several members of a set fail, Nix meets them in the order in which it has first seen their names, ever.
    return ours.caught == theirs.caught or not ours.error.startswith(theirs.error)


def evaluate(files: Sequence[str], code_cache: Path) -> list[Answer]:
    """What this evaluator makes of programs, in one session."""
    settings = EvaluationSettings(environment={"HOME": "/root"})
    with EvaluationSession(settings, code_cache=code_cache) as session:
        return [_evaluate(session, file) for file in files]


def _evaluate(session: EvaluationSession, file: str) -> Answer:
    try:
        return Answer(value=session.run(lambda: print_value(session.evaluate_file(file), strict=True)))
    except InternalError as error:
        return Answer(value=f"{_FAULT}: {error.what}")
    except EvaluationError as error:
        return Answer(error=error.what, caught=isinstance(error, ThrownError | AssertionFailedError))


def _tree(file: str) -> str:
    directory = file.rpartition("/")[0]
    return print_syntax(
        parse(Source.from_bytes(Path(file).read_bytes(), file, directory)), directory=directory, home="/root"
    )
