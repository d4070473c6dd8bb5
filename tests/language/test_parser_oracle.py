"""Real Nix on the tables of the parser's tests."""

from __future__ import annotations

import pytest

from tests.language.test_parser import ACCEPTED, REFUSED
from tests.support.oracle import Oracle

pytestmark = pytest.mark.oracle

# One shell in the chroot runs Nix once for each line of its input, which names a program, and prints its exit status.
_STATUS_OF_FILES = 'while read -r file; do timeout 60 nix-instantiate --parse "$file" >/dev/null 2>&1; echo $?; done'


def test_nix_parses_to_the_same_trees(oracle: Oracle) -> None:
    # All names are bound, by "with" since that binds "or", too; Nix refuses unknown names while parsing.
    programs = [f"scope: with scope; ({program}\n)" for program, _ in ACCEPTED]
    directory = oracle.root / "table"
    directory.mkdir(exist_ok=True)
    files = []
    for number, program in enumerate(programs):
        (directory / f"{number}.nix").write_text(program, encoding="utf-8")
        files.append(f"/table/{number}.nix")
    result = oracle.run(["nix-instantiate", "--parse", *files], environment={"HOME": "/home/me"})
    assert result.returncode == 0, result.stderr
    trees = [f"(scope: (with scope; {tree}))".replace("/here", "/table") for _, tree in ACCEPTED]
    assert result.stdout.splitlines() == trees


def test_nix_refuses_the_bytes_that_we_refuse(oracle: Oracle) -> None:
    directory = oracle.root / "bytes"
    directory.mkdir(exist_ok=True)
    for number, program in enumerate(REFUSED):
        (directory / f"{number}.nix").write_bytes(program)
    files = "".join(f"/bytes/{number}.nix\n" for number in range(len(REFUSED)))
    result = oracle.run(["sh", "-c", _STATUS_OF_FILES], input=files)
    accepted = [program for program, status in zip(REFUSED, result.stdout.split(), strict=True) if status != "1"]
    assert accepted == []
