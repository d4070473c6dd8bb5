"""Both ways of talking to systemd: on its own socket, and where that cannot be used, over the message bus."""

from __future__ import annotations

import json

import pytest

from tests.support.machine import PROGRAM, Machine

pytestmark = [pytest.mark.machine, pytest.mark.every_suite]

TALK = """
import json
import os
from system_manager.activation.interruption import Interruption
from system_manager.host.bus import SYSTEM, Sockets
from system_manager.host.systemd import Systemd, SystemdError, Verb

def forgets(systemd, other):
    # Wanted by something, so that it is known for as long as the files are not read again.
    unit, link = "/run/systemd/system/gone.service", "/run/systemd/system/multi-user.target.wants/gone.service"
    os.makedirs(os.path.dirname(link), exist_ok=True)
    with open(unit, "w") as file:
        file.write("[Service]\\nExecStart=/bin/sleep infinity\\n")
    os.symlink(unit, link)
    systemd.reload()
    os.remove(unit)
    os.remove(link)
    found = []
    for before in (lambda: None, systemd.begin_to_reload):
        before()
        found += [outcome.result for outcome in other.run_jobs(Verb.START, ["gone.service"], seconds=20)]
        other.run_jobs(Verb.STOP, ["gone.service"], seconds=20)
    return found

def talk(sockets):
    systemd = Systemd.connect(Interruption(), sockets)
    with systemd.reloading():
        pass
    units = systemd.units()
    outcomes = systemd.run_jobs(Verb.START, ["sleeper.service", "missing.service", "broken.service"], seconds=20)
    lapsed = systemd.watch(["broken.service"], seconds=20)
    exact = systemd.read([systemd.units()["sleeper.service"]], "Service", "Type")
    systemd.run_jobs(Verb.STOP, ["sleeper.service"], seconds=20)
    systemd.reset_failed(["broken.service"])
    other = Systemd.connect(Interruption())
    forgotten = forgets(systemd, other)
    other.close()
    systemd.close()
    return {
        "forgotten": forgotten,
        "path": units["multi-user.target"].path,
        "outcomes": {one.unit: one.result for one in outcomes},
        "lapsed": lapsed,
        "type": exact,
    }

print(json.dumps([talk(SYSTEM), talk(Sockets("/run/none", SYSTEM.bus)), talk(Sockets(SYSTEM.private, "/run/none"))]))
"""


def test_the_same_is_said_on_both(machine: Machine) -> None:
    machine.write("/etc/systemd/system/sleeper.service", "[Service]\nType=exec\nExecStart=/bin/sleep infinity\n")
    machine.write("/etc/systemd/system/broken.service", "[Service]\nType=simple\nExecStart=/bin/false\n")
    machine.write("/root/talk.py", TALK)
    said = json.loads(machine.run([f"{PROGRAM}/bin/python", "/root/talk.py"]).stdout)
    expected = {
        "path": "/org/freedesktop/systemd1/unit/multi_2duser_2etarget",
        "outcomes": {"sleeper.service": "done", "missing.service": "refused", "broken.service": "done"},
        "lapsed": {"broken.service": "exit-code"},
        "type": {"sleeper.service": "exec"},
        "forgotten": ["done", "refused"],
    }
    assert said == [expected] * 3
