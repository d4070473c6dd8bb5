"""Toplevels made by hand, for tests of what the engine does with units: no evaluation is involved."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.machine import Machine

_DIRECTORY = "/etc/systemd/system"

# Once in many runs systemd in a container cannot put a command into its control group. The engine takes everything back
# then, so that the same can be asked again.
_NO_CONTROL_GROUP = "status=219/CGROUP"
_ATTEMPTS = 3
_USERS = "/etc/systemd/user"
_LINKS = {"wantedBy": "wants", "requiredBy": "requires", "upheldBy": "upholds"}

SLEEP = "[Service]\nExecStart=/bin/sleep infinity\n"


@dataclass(frozen=True, slots=True)
class Described:
    """A unit: its text (None: only drop-ins), drop-ins by name, and what wants it."""

    text: str | None
    drop_ins: Mapping[str, str] | None = None
    masked: bool = False
    links: Mapping[str, list[str]] | None = None
    aliases: tuple[str, ...] = ()


def service(text: str = SLEEP, *, wanted_by: str = "multi-user.target", **links: list[str]) -> Described:
    """A unit that is wanted by a target; an empty name for none."""
    return Described(text, links={"wantedBy": [wanted_by] if wanted_by else [], **links})


def toplevel(
    machine: Machine,
    units: Mapping[str, Described],
    files: Mapping[str, str] | None = None,
    user_units: Mapping[str, Described] | None = None,
    **more: Any,
) -> str:
    """Write a toplevel with these units, with copies of ``files`` and more keys, into the machine's store."""
    found: dict[str, dict[str, Any]] = {}
    said = {name: _describe(machine, found, _DIRECTORY, name, unit) for name, unit in units.items()}
    for_users = {name: _describe(machine, found, _USERS, name, unit) for name, unit in (user_units or {}).items()}
    for target, text in (files or {}).items():
        source = _store(machine, "file", text)
        found[target] = {"kind": "copy", "target": target, "source": source, "mode": "0644"}
    manifest = {"version": 1, "files": [found[target] for target in sorted(found)], "units": said, **more}
    if for_users:
        manifest["userUnits"] = for_users
    text = json.dumps(manifest)
    path = f"/nix/store/{hashlib.sha256(text.encode()).hexdigest()[:32]}-system-manager"
    machine.write(f"{path}/manifest.json", text)
    return path


def _describe(
    machine: Machine, found: dict[str, dict[str, Any]], directory: str, name: str, unit: Described
) -> dict[str, Any]:
    """The manifest's entry of a unit; its files are added to ``found``."""
    entry: dict[str, Any] = {}
    if unit.masked:
        entry["masked"] = True
        _link(found, f"{directory}/{name}", "/dev/null")
    if unit.text is not None:
        entry["fragment"] = _store(machine, name, unit.text)
        _link(found, f"{directory}/{name}", entry["fragment"])
    for conf, text in (unit.drop_ins or {}).items():
        path = _store(machine, conf, text)
        entry.setdefault("dropIns", []).append(path)
        _link(found, f"{directory}/{name}.d/{conf}", path)
    for alias in unit.aliases:
        entry.setdefault("aliases", []).append(alias)
        _link(found, f"{directory}/{alias}", name)
    for kind, targets in (unit.links or {}).items():
        entry[kind] = targets
        for target in targets:
            _link(found, f"{directory}/{target}.{_LINKS[kind]}/{name}", f"../{name}")
    return entry


def _link(found: dict[str, dict[str, Any]], target: str, source: str) -> None:
    found[target] = {"kind": "link", "target": target, "source": source}


def _store(machine: Machine, name: str, text: str) -> str:
    path = f"/nix/store/{hashlib.sha256(f'{name}:{text}'.encode()).hexdigest()[:32]}-unit-{name}/{name}"
    if not machine.path(path).exists():  # what is in a store is never written again
        machine.write(path, text)
    return path


@dataclass(frozen=True, slots=True)
class Ended:
    """How the engine ended."""

    exit_code: int
    result: dict[str, Any]
    events: list[dict[str, Any]]

    @property
    def actions(self) -> dict[str, list[str]]:
        """Units of the plan, by what happens to them."""
        found: dict[str, list[str]] = {}
        for step in self.result.get("steps", []):
            if step["subject"] == "unit":
                found.setdefault(step["action"], []).append(step["target"])
        return found


def engine(machine: Machine, *arguments: str, ends_with: int = 0) -> Ended:
    """Run the engine in the machine."""
    for _ in range(_ATTEMPTS):
        done = machine.run(["system-manager-engine", *arguments], check=False)
        if _NO_CONTROL_GROUP not in done.stdout:
            break
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines, done.stderr
    ended = Ended(done.returncode, lines[-1].get("result", {}), lines[:-1])
    assert ended.exit_code == ends_with, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return ended


def activate(machine: Machine, units: Mapping[str, Described], *options: str, ends_with: int = 0, **more: Any) -> Ended:
    """Activate a toplevel made of these units."""
    return engine(machine, "activate", "--toplevel", toplevel(machine, units, **more), *options, ends_with=ends_with)


def state(machine: Machine, name: str) -> str:
    """ActiveState of a unit."""
    return machine.run(["systemctl", "show", "-P", "ActiveState", name]).stdout.strip()


def main_process(machine: Machine, name: str) -> int:
    """MainPID of a service."""
    return int(machine.run(["systemctl", "show", "-P", "MainPID", name]).stdout)


_marks = itertools.count(1)


def marker() -> str:
    """A file of its own, for a command to leave a trace in."""
    return f"/run/mark-{next(_marks)}"
