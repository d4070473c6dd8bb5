"""The tools that other tests trust do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.oracle import Oracle


@pytest.mark.oracle
def test_oracle_evaluates_and_sees_what_is_shared(oracle: Oracle, tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("{ a = 1 + 1; }")
    oracle.share(tmp_path)
    completed = oracle.run(["nix-instantiate", "--eval", "--strict", str(tmp_path / "x.nix")], check=True)
    assert completed.stdout == "{ a = 2; }\n"


@pytest.mark.oracle
def test_oracle_builds(oracle: Oracle) -> None:
    expression = (
        'derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; args = ["-c" "echo y >$out"]; }'
    )
    completed = oracle.run(["nix-build", "--no-out-link", "-E", expression], check=True)
    assert (oracle.root / completed.stdout.strip().lstrip("/")).read_text() == "y\n"


@pytest.mark.oracle
def test_oracle_leaves_nothing_mounted(oracle: Oracle) -> None:
    oracle.run(["true"], check=True)
    assert str(oracle.root) not in Path("/proc/self/mounts").read_text()
