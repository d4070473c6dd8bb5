"""At no moment of an activation is a managed file missing, half-written, or readable by those it is not for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from system_manager.activation.file_changes import unused_backup
from system_manager.activation.state import ORIGINALS_DIRECTORY
from system_manager.host.root import Root
from tests.activation import faults
from tests.activation.scenario import Run, Scenario, all_scenarios, below, run
from tests.conftest import unavailable

SECRET = "a secret that nobody else may read"


def entries(root: Path, directory: str) -> dict[str, os.stat_result]:
    found = {}
    for path, _, names in os.walk(below(root, directory)):
        found.update({f"{path}/{name}": os.lstat(f"{path}/{name}") for name in names})
    return found


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")


@pytest.mark.parametrize(
    "name",
    ["link-updated", "copy-content-changed", "copy-mode-changed", "copy-owner-changed", "link-became-copy",
     "copy-became-link", "foreign-file-replaced", "original-survives-updates", "link-redirected-by-hand"],
)  # fmt: skip
def test_what_is_replaced_is_there_at_every_moment(name: str, tmp_path: Path) -> None:
    (scenario,) = (scenario for scenario in all_scenarios() if scenario.name == name)
    going = Run(scenario, tmp_path)
    for step in going.steps[:-1]:
        going.do(step)
    foreign = ("/passwd", "/group", "/system-manager-recover.service")
    managed = [path for path in entries(tmp_path, "/etc") if not path.endswith(foreign)]
    before = {path: _content(path) for path in managed}
    seen: dict[str, set[str]] = {path: set() for path in managed}

    def look(_index: int, _name: str) -> None:
        for path in managed:
            assert os.path.lexists(path), f"{path} is missing"
            seen[path].add(_content(path))

    with faults.intercepted(look):
        assert going.do(going.steps[-1]).exit_code == 0  # type: ignore[union-attr] # the last step is no edit
    for path in managed:
        assert seen[path] <= {before[path], _content(path)}, "something in between was seen"


def _content(path: str) -> str:
    entry = Path(path)
    return f"-> {entry.readlink()}" if entry.is_symlink() else entry.read_text()


def test_a_secret_is_never_readable_by_others(tmp_path: Path) -> None:
    going = Run(_secret_scenario(tmp_path), tmp_path / "machine")
    readable: list[str] = []

    def look(_index: int, name: str) -> None:
        for path, status in entries(going.root, "/").items():
            if "/nix/store/" in path or not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o077:
                continue
            if SECRET in Path(path).read_text(errors="replace"):
                readable.append(f"{path} {stat.S_IMODE(status.st_mode):04o} before {name}")

    for step in going.steps:
        with faults.intercepted(look):
            result = going.do(step)
        assert result is not None
        assert result.exit_code == 0, result.text
    assert readable == []


def _secret_scenario(directory: Path) -> Scenario:
    """A secret that is created, owned by somebody, replaced, and given back; and one that is an original."""
    path = directory / "secret.toml"
    path.write_text(
        f"""
        [store]
        one = "1 {SECRET}"
        two = "2 {SECRET}"
        [before]
        "/etc/theirs" = {{ text = "{SECRET}", mode = "0600" }}
        [[step]]
        do = "activate"
        files = [{{ kind = "copy", target = "/etc/key", source = "/nix/store/one", mode = "0400", user = "alice" }},
                 {{ kind = "copy", target = "/etc/theirs", source = "/nix/store/one", mode = "0600",
                    replaceExisting = true }}]
        [[step]]
        do = "activate"
        files = [{{ kind = "copy", target = "/etc/key", source = "/nix/store/two", mode = "0600" }}]
        [[step]]
        do = "deactivate"
    """.replace("\n                    replace", " replace").replace('"alice" }},\n', '"alice" }},\n')
    )
    return Scenario(path)


def test_nothing_secret_is_shown_in_a_plan(tmp_path: Path) -> None:
    going = Run(_secret_scenario(tmp_path), tmp_path / "machine")
    result = run(going.root, "plan", "--toplevel", going.steps[0]["toplevel"])
    assert result.exit_code == 0
    assert SECRET not in result.text


def test_backups_may_be_on_another_disk(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "var/lib").mkdir(parents=True)
    (tmp_path / "var/lib/system-manager").symlink_to("../../data")
    wanted = f"{ORIGINALS_DIRECTORY}/etc/motd"
    assert unused_backup(Root(str(tmp_path)), wanted) == wanted


def test_backups_are_not_readable_by_others(tmp_path: Path) -> None:
    going = Run(_secret_scenario(tmp_path), tmp_path / "machine")
    going.do(going.steps[0])
    state = below(going.root, "/var/lib/system-manager")
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "state.json").stat().st_mode) == 0o600


def test_what_links_lead_to_is_shown_as_far_as_everybody_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "links.toml"
    path.write_text(
        f"""
        [before]
        "/run/secrets/one" = {{ text = "1 {SECRET}", mode = "0400" }}
        "/run/secrets/two" = {{ text = "2 {SECRET}", mode = "0440" }}
        "/run/public" = "first\\fstill the first\\nsecond\\u2028still the second\\n"
        "/run/other" = "first\\fstill the first\\nthird"
        "/run/pipe" = {{ special = "fifo" }}
        "/etc/zz" = "masked\\n"
        [[step]]
        do = "activate"
        files = [{{ kind = "link", target = "/etc/key", source = "/run/secrets/one" }},
                 {{ kind = "link", target = "/etc/pipe", source = "/run/pipe" }},
                 {{ kind = "link", target = "/etc/text", source = "/run/public" }}]
        [[step]]
        do = "plan"
        files = [{{ kind = "link", target = "/etc/key", source = "/run/secrets/two" }},
                 {{ kind = "link", target = "/etc/pipe", source = "/run/secrets" }},
                 {{ kind = "link", target = "/etc/text", source = "/run/other" }},
                 {{ kind = "link", target = "/etc/zz", source = "/dev/null", replaceExisting = true }}]
    """.replace("},\n", "}, ").replace("                 {", "{")
    )
    going = Run(Scenario(path), tmp_path / "machine")
    for step in going.steps:
        result = going.do(step)
    assert result is not None
    assert SECRET not in result.text
    diffs = {step["target"]: step["diff"] for step in result.result["steps"]}
    assert diffs["/etc/zz"].endswith("\n-masked\n")
    assert (diffs["/etc/key"], diffs["/etc/pipe"]) == (None, None)
    assert diffs["/etc/text"].split("\n")[2:] == [
        "@@ -1,2 +1,2 @@",
        " first\fstill the first",
        "-second\u2028still the second",
        "+third",
        "\\ No newline at end of file",
        "",
    ]
