"""Rules of tmpfiles of every kind: a run that fails, or is killed, leaves everything as it was before it."""

from __future__ import annotations

import pytest

from tests.machine.steps import becomes
from tests.machine.unit_machine import activate, engine, service, toplevel
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

RULES = "/etc/tmpfiles.d/ours.conf"
PLACE = r"""
rm -rf /srv/t; mkdir -p /srv/t/dir /srv/t/adjusted /srv/t/tree/a/b /srv/t/full /srv/t/empty; cd /srv/t
chmod 2711 dir; chown 1:1 dir
for file in truncated written appended replaced tree/a/x tree/a/b/y glob-1 glob-2; do
    echo "old $file" > $file; chmod 4640 $file; chown 2:3 $file
done
ln -s /old link; ln -s /old kept; mkfifo pipe; echo inner > full/inner
"""
FACTS = r"""
cd /srv/t; find . -printf '%p %y %m %U:%G %l %s\n' | sort; find . -type f | sort | xargs sha256sum
"""
EVERY_KIND = r"""
d  /srv/t/dir       0700 root adm  -
e  /srv/t/adjusted  0710 -    -    -
f+ /srv/t/truncated 0600 root root - new
w  /srv/t/written   -    -    -    - new
w+ /srv/t/appended  -    -    -    - new
L+ /srv/t/replaced  -    -    -    - /new
L+ /srv/t/link      -    -    -    - /new
L  /srv/t/kept      -    -    -    - /new
L+ /srv/t/pipe      -    -    -    - /new
L+ /srv/t/empty     -    -    -    - /new
L+ /srv/t/full      -    -    -    - /new
z  /srv/t/glob-*    0600 root root -
Z  /srv/t/tree      0700 root root -
f  /srv/t/made      0600 -    -    - text\nwith\x20escapes
C  /srv/t/copied    -    -    -    - /etc/skel
d  /srv/t/new/deep  0700 -    -    -
p  /srv/t/fifo      0600 -    -    -
c  /srv/t/null      0600 -    -    - 1:3
"""


def test_every_kind_of_rule(machine: Machine) -> None:
    machine.run(PLACE)
    before = machine.run(FACTS).stdout
    activate(machine, {})
    fails = {"fails.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    activate(machine, fails, files={RULES: EVERY_KIND}, tmpfiles=[RULES], ends_with=3)
    assert machine.run(FACTS).stdout == before

    hangs = {"hangs.service": service("[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n")}
    path = toplevel(machine, hangs, {RULES: EVERY_KIND}, tmpfiles=[RULES])
    machine.run(f"(exec system-manager-engine activate --toplevel {path}) >/dev/null 2>&1 & echo $! > /run/engine")
    assert becomes(machine, "systemctl is-active hangs.service", "activating")
    assert machine.run(FACTS).stdout != before
    machine.run("kill -9 $(cat /run/engine)")
    engine(machine, "recover")
    assert machine.run(FACTS).stdout == before

    activate(machine, {}, files={RULES: EVERY_KIND}, tmpfiles=[RULES])
    assert engine(machine, "status").result["drift"] == []
    made = machine.run("cd /srv/t; cat truncated; readlink full; stat -c %a made").stdout
    assert made.split() == ["new/new", "600"]
    machine.run("test ! -e /var/lib/system-manager/undo")
