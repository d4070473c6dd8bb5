"""What real Nix makes of many programs, asked in few processes.

``nix repl`` goes on after an error, so one process tells how each of thousands of programs ends; the values of those
that work are then printed by ``nix-instantiate``, as it prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.oracle import Oracle

_REPL = ("sh", "-c", "exec timeout --kill-after=5 120 nix repl 2>&1")
_AT_ONCE = 200
_COLOURS = re.compile("\x1b\\[[0-9;]*m")
_EACH = """
for file in "$@"; do timeout --kill-after=5 30 nix-instantiate --eval --strict "$file" 2>&1; echo "=== $?"; done
"""
_STATUS = re.compile("^=== ([0-9]+)\n", re.MULTILINE)
_MARK = re.compile('^"=== ([0-9]+)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """How one program ends: with a value, or with an error.

    :param value: as ``nix-instantiate --eval --strict`` prints it, without a line end.
    :param error: the message without ``error:``, places and trace.
    :param caught: whether ``builtins.tryEval`` catches the error.
    :param gave_up: the process crashed or took too long, which says nothing about the program.
    """

    value: str | None = None
    error: str | None = None
    caught: bool = False
    gave_up: bool = False

    @property
    def outcome(self) -> str:
        """What two implementations must agree on: the value, or the kind of failure."""
        if self.value is not None:
            return self.value
        return "! caught by tryEval" if self.caught else "!"


def ask(oracle: Oracle, files: Sequence[str], *, write: bool = False, unfinished: Sequence[str] = ()) -> list[Answer]:
    """Evaluate the programs in these files, whose names are those inside the oracle.

    :param write: let programs write to the store.
    :param unfinished: those of them that may end too early, for which Nix 2.26's repl would wait to go on.
    """
    known = dict(zip(unfinished, _one_by_one(oracle, unfinished), strict=True))
    others = [file for file in files if file not in known]
    endings = dict(zip(others, _endings(oracle, others), strict=True))
    working = [file for file, ending in endings.items() if ending is None]
    known |= {file: ending for file, ending in endings.items() if ending is not None}
    known |= zip(working, _values(oracle, working, write=write), strict=True)
    return [known[file] for file in files]


def _endings(oracle: Oracle, files: Sequence[str]) -> list[Answer | None]:
    """The errors of the programs that fail."""
    found: list[Answer | None] = []
    while len(found) < len(files):
        rest = files[len(found) :][:_AT_ONCE]
        queries = []
        for number, file in enumerate(rest):
            program = f"builtins.deepSeq (import {file}) null"
            queries += [program, f"(builtins.tryEval ({program})).success", f'"=== {number}"']
        output = oracle.run(_REPL, input="\n".join(queries) + "\n").stdout
        blocks = _MARK.split(_COLOURS.sub("", output))[:-1:2]
        found += [_ending(block) for block in blocks]
        if len(blocks) < len(rest):  # it crashed, took too long, or waits for more
            found += _one_by_one(oracle, [rest[len(blocks)]])
    return found


def _one_by_one(oracle: Oracle, files: Sequence[str]) -> Iterator[Answer]:
    """The errors of programs, each evaluated by a process of its own."""
    output = oracle.run(["sh", "-c", _EACH, "each", *files]).stdout
    blocks = _STATUS.split(_COLOURS.sub("", output))
    for text, status in zip(blocks[::2], blocks[1::2], strict=False):
        yield Answer(error=last_message(text) if status == "1" else f"status {status}", gave_up=status != "1")


def _ending(block: str) -> Answer | None:
    evaluation, _, _ = block.partition("nix-repl> (builtins.tryEval")
    if "error:" not in evaluation:
        return None
    return Answer(error=last_message(evaluation), caught=bool(re.search(r"^false$", block, re.MULTILINE)))


def last_message(output: str) -> str:
    """The first line of the last error in what Nix wrote."""
    return output.rpartition("error:")[2].strip().partition("\n")[0]


def _values(oracle: Oracle, files: Sequence[str], *, write: bool) -> Iterator[Answer]:
    mode = ["--read-write-mode"] if write else []
    while files:
        # Values may have line ends in them, so each is followed by another that none has.
        programs = [part for file in files for part in (f"import {file}", '"=== end"')]
        result = oracle.run(["nix-instantiate", "--eval", "--strict", *mode, "--expr", *programs])
        *printed, _ = result.stdout.split('\n"=== end"\n')
        yield from (Answer(value=value) for value in printed)
        if len(printed) < len(files):
            yield Answer(error=last_message(_COLOURS.sub("", result.stderr)))
        files = files[len(printed) + 1 :]
