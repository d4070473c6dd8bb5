"""The engine is killed at random moments, over and over: what comes out is always one generation, whole."""

from __future__ import annotations

import random
import time

import pytest

from tests.machine.unit_machine import SLEEP, Described, activate, engine, service, state, toplevel
from tests.support.machine import Entry, Machine

pytestmark = [pytest.mark.machine, pytest.mark.every_suite]

TIMES = {"bookworm": 50, "trixie": 5, "sid": 5}
MOST_TIMES = 200

# Killed where it stands, without a word to anybody: the engine is the only process of the scope.
KILLED = """
systemd-run --quiet --collect --scope --unit=switching \
    system-manager-engine activate --settle 0 --toplevel {path} > /run/said 2>&1 & process=$!
sleep {moment:.3f}
systemctl kill --signal=KILL switching.scope 2> /dev/null; wait $process; true
"""


def generation(version: int) -> tuple[dict[str, Described], dict[str, str]]:
    """Units and files that differ in every way: changed, only in this one, in both."""
    changed = service(f"{SLEEP}Environment=V={version}\n")
    units = {"changed.service": changed, f"only-{version}.service": service(), "kept.service": service()}
    files = {f"/etc/app/{number}.conf": f"{number} in {version}" for number in range(10)}
    return units, {**files, f"/etc/app/only-{version}/deep/file": "x"}


def test_killed_at_random_moments(machine: Machine, suite: str) -> None:
    chosen = random.Random(suite)
    paths = [toplevel(machine, units, files) for units, files in map(generation, (1, 2))]
    trees: dict[str, dict[str, Entry]] = {}
    for number in (2, 1):
        units, files = generation(number)
        began = time.monotonic()
        activate(machine, units, "--settle", "0", files=files)
        duration = time.monotonic() - began
        trees[paths[number - 1]] = machine.snapshot("/etc")
    ended: list[bool] = []
    # A kill that always comes too early, or always too late, would prove nothing.
    while len(ended) < TIMES[suite] or (len({*ended}) == 1 and len(ended) < MOST_TIMES):
        attempt = len(ended)
        wanted = paths[(attempt + 1) % 2]
        machine.run(KILLED.format(path=wanted, moment=chosen.uniform(0.02, duration)))
        engine(machine, "recover")
        status = engine(machine, "status").result
        assert status["drift"] == []
        now = status["toplevel"]
        assert machine.snapshot("/etc") == trees[now], attempt
        number = 1 + paths.index(now)
        running = [state(machine, name) for name in ("changed.service", "kept.service", f"only-{number}.service")]
        assert running == ["active"] * 3, attempt
        assert state(machine, f"only-{3 - number}.service") == "inactive", attempt
        assert f"V={number}" in machine.run("systemctl show -P Environment changed.service").stdout
        ended.append(now == wanted)
        # What else the machine has to do changes, and with it how long this takes.
        duration *= 0.8 if ended[-1] else 1.07
    assert len({*ended}) == 2, ended
