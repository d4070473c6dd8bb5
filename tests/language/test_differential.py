"""Real Nix on the same programs: the corpus is what Nix does, not what we think it does."""

from __future__ import annotations

import pytest

from system_manager.language.parser import parse
from system_manager.language.source import Source
from system_manager.language.syntax_printer import print_syntax
from tests.language.corpus import DIRECTORY, INSIDE, Case, failing, succeeding
from tests.language.test_parser import ACCEPTED, REFUSED
from tests.support.oracle import Oracle

pytestmark = pytest.mark.oracle

# One shell in the chroot runs Nix once for each line of its input, which names a program or holds one,
# and prints Nix's exit status for each.
_STATUS_OF_FILES = (
    'while read -r file; do timeout 60 nix-instantiate --eval --strict "$file" >/dev/null 2>&1; echo $?; done'
)


@pytest.fixture
def nix(oracle: Oracle) -> Oracle:
    oracle.share(DIRECTORY, INSIDE)
    return oracle


def test_nix_prints_the_same_values(nix: Oracle) -> None:
    cases = succeeding()
    result = nix.run(["nix-instantiate", "--eval", "--strict", *(case.inside for case in cases)])
    printed = result.stdout.splitlines(keepends=True)
    assert result.returncode == 0, f"Nix failed at {cases[len(printed)].name}: {result.stderr}"
    assert {case.name: line for case, line in zip(cases, printed, strict=True)} == {
        case.name: case.output.read_text(encoding="utf-8") for case in cases
    }


def test_nix_fails_where_we_fail(nix: Oracle) -> None:
    cases = failing()
    result = nix.run(["sh", "-c", _STATUS_OF_FILES], input="".join(f"{case.inside}\n" for case in cases))
    statuses = dict(zip((case.name for case in cases), result.stdout.split(), strict=True))
    assert [name for name, status in statuses.items() if status != "1"] == []


def test_nix_parses_to_the_same_tree(nix: Oracle) -> None:
    cases = succeeding()
    result = nix.run(["nix-instantiate", "--parse", *(case.inside for case in cases)])
    assert result.returncode == 0, result.stderr
    theirs = dict(zip((case.name for case in cases), result.stdout.splitlines(), strict=True))
    assert {case.name: _tree(case) for case in cases} == theirs


def test_nix_parses_the_table_to_the_same_trees(nix: Oracle) -> None:
    # All names are bound, by "with" since that binds "or", too; Nix refuses unknown names while parsing.
    programs = [f"scope: with scope; ({program}\n)" for program, _ in ACCEPTED]
    directory = nix.root / "table"
    directory.mkdir(exist_ok=True)
    files = []
    for number, program in enumerate(programs):
        (directory / f"{number}.nix").write_text(program, encoding="utf-8")
        files.append(f"/table/{number}.nix")
    result = nix.run(["nix-instantiate", "--parse", *files], environment={"HOME": "/home/me"})
    assert result.returncode == 0, result.stderr
    trees = [f"(scope: (with scope; {tree}))".replace("/here", "/table") for _, tree in ACCEPTED]
    assert result.stdout.splitlines() == trees


def test_nix_refuses_the_bytes_that_we_refuse(nix: Oracle) -> None:
    directory = nix.root / "bytes"
    directory.mkdir(exist_ok=True)
    for number, program in enumerate(REFUSED):
        (directory / f"{number}.nix").write_bytes(program)
    files = "".join(f"/bytes/{number}.nix\n" for number in range(len(REFUSED)))
    result = nix.run(["sh", "-c", _STATUS_OF_FILES.replace("--eval --strict", "--parse")], input=files)
    accepted = [program for program, status in zip(REFUSED, result.stdout.split(), strict=True) if status != "1"]
    assert accepted == []


def _tree(case: Case) -> str:
    directory = case.inside.rpartition("/")[0]
    source = Source.from_bytes(case.program.read_bytes(), case.inside, directory)
    return print_syntax(parse(source), directory=directory, home="/root")
