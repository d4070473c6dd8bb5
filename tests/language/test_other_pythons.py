"""The corpus under the distributions' own Pythons: each has another bytecode, and other limits.

What else the program does there is seen by the tests on machines of every suite.
"""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.conftest import unavailable
from tests.language.test_cases import CASES, DIRECTORY, inside
from tests.support import machine as machines
from tests.support.roots import UnavailableError

# Runs where there is nothing but the program. $1: where the cases are.
_ENDINGS = """
import json, sys
from pathlib import Path
from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.effects import NoEffects
from system_manager.language.errors import EvaluationError
from system_manager.language.evaluator import Evaluator
from system_manager.language.printer import print_value
from system_manager.language.source import Source

def ending(evaluator, name, data):
    try:
        source = Source.from_bytes(data, name, name.rpartition("/")[0])
        return evaluator.run(lambda: print_value(evaluator.evaluate(source), strict=True)) + "\\n"
    except EvaluationError as error:
        return f"{type(error).__name__}\\n{error.render()}\\n"

directory, names = sys.argv[1], json.load(sys.stdin)
evaluator = Evaluator(builtins=PURE_BUILTINS, effects=NoEffects())
endings = [ending(evaluator, name, Path(directory + name.removeprefix("/cases")).read_bytes()) for name in names]
json.dump(endings, sys.stdout)
"""
_INSIDE = """
mount -t overlay overlay -o "lowerdir=$1" /mnt
mount --rbind /dev /mnt/dev
mount -t proc proc /mnt/proc
mount --bind "$2" /mnt/mnt
exec chroot /mnt env -i LANG=C.UTF-8 HOME=/nowhere "$3" -c "$4" /mnt
"""


@pytest.mark.machine
@pytest.mark.every_suite
def test_every_case_ends_as_recorded(suite: str) -> None:
    try:
        layers = ":".join(map(str, machines.layers(suite)))
    except UnavailableError as error:
        unavailable(str(error))
    python = f"{machines.PROGRAM}/bin/python"
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-euc", _INSIDE, "sh", layers, DIRECTORY, python, _ENDINGS],
        input=json.dumps([*map(inside, CASES)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    endings = dict(zip(CASES, json.loads(ended.stdout), strict=True))
    assert [str(case) for case, ending in endings.items() if ending != case.recorded()] == []
