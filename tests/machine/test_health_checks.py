"""Health checks under a real systemd: what has to work before an activation counts as done."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.machine.unit_machine import SLEEP, Ended, activate, engine, marker, service, state, toplevel
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

SERVER = """\
import http.server, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        match self.path:
            case "/slow":
                self.wfile.write(b"HTTP/1.0 200 OK\\r\\n")
                while True:
                    self.wfile.write(b"X: y\\r\\n"); self.wfile.flush(); time.sleep(0.2)
            case "/moved":
                self.send_response(302); self.send_header("Location", "/"); self.end_headers()
            case "/":
                self.send_response(200); self.end_headers(); self.wfile.write(b"fine")
            case _:
                self.send_response(404); self.end_headers(); self.wfile.write(b"nothing like\\nthat here")
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""


def script(machine: Machine, name: str, text: str, **more: Any) -> dict[str, Any]:
    """A check that runs a script, as the manifest has it."""
    path = f"/nix/store/{name}"
    machine.write(path, f"#!/bin/bash\n{text}\n")
    machine.path(path).chmod(0o555)
    return {"name": name, "script": path, **more}


def url(path: str, **more: Any) -> dict[str, Any]:
    return {"name": path, "url": f"http://127.0.0.1:8080{path}", **more}


def attempt(machine: Machine, checks: list[dict[str, Any]], mark: str, *, ends_with: int) -> Ended:
    """An activation that makes a file and a service, and depends on these checks."""
    return activate(
        machine,
        {"web.service": service(f"[Service]\nExecStart=/usr/bin/python3 /srv/server.py\nEnvironment=MARK={mark}\n")},
        files={"/etc/app.conf": mark},
        healthChecks=checks,
        ends_with=ends_with,
    )


def what(ended: Ended) -> list[str]:
    """The lines of the error."""
    lines: list[str] = ended.result["error"]["what"].splitlines()
    return lines


def test_checks_that_pass_and_fail(machine: Machine) -> None:
    machine.write("/srv/server.py", SERVER)
    ran = marker()
    passing = [
        script(machine, "counts", f"echo x >> {ran}; test $(wc -l < {ran}) -ge 3", retries=5, interval=0.1),
        # the server needs a moment before it listens
        url("/", retries=600, interval=0.1),
        url("/moved", expectedStatus=302),
        url("/missing", expectedStatus=404),
    ]
    first = attempt(machine, passing, "one", ends_with=0)
    assert [step["target"] for step in first.result["steps"] if step["subject"] == "command"][-4:] == [
        "health check counts",
        "health check /",
        "health check /moved",
        "health check /missing",
    ]
    assert machine.run(f"wc -l < {ran}").stdout.strip() == "3"
    assert attempt(machine, passing, "one", ends_with=0).result["outcome"] == "nothing-to-do"
    assert machine.run(f"wc -l < {ran}").stdout.strip() == "3", "nothing changed, so nothing is checked"
    before = machine.snapshot("/etc")

    surroundings = script(
        machine, "surroundings", "env | cut -d= -f1 | sort | tr '\\n' ' '; pwd; id -u; echo last words >&2; exit 7"
    )
    slow = script(machine, "slow", "echo waiting; (trap '' HUP TERM; sleep 1000) & sleep 1000", timeout=5)
    endless = script(machine, "endless", "yes talking", timeout=5)
    failing = [
        surroundings,
        slow,
        endless,
        url("/missing", retries=1, interval=0.1),
        url("/slow", timeout=0.5),
        {"name": "refused", "url": "http://127.0.0.1:1/"},
        {"name": "nobody", "url": "http://name.invalid/", "timeout": 5},
        {"name": "absent", "script": "/nix/store/absent"},
    ]
    failed = attempt(machine, failing, "two", ends_with=3)
    lines = what(failed)
    assert lines[:5] == [
        "health check surroundings failed: status 7",
        "    HOME LANG LOGNAME PATH PWD SHLVL USER _ /",
        "    0",
        "    last words",
        "health check slow failed: it did not end within 5 s",
    ]
    assert lines[5:8] == ["    waiting", "health check endless failed: it did not end within 5 s", "    talking"]
    rest = [line for line in lines if line.startswith("health check")][3:]
    assert rest[:3] == [
        "health check /missing failed 2 times, the last time: "
        "http://127.0.0.1:8080/missing answered 404 instead of 200",
        "health check /slow failed: http://127.0.0.1:8080/slow did not answer within 0.5 s",
        "health check refused failed: http://127.0.0.1:1/: Connection refused",
    ]
    assert rest[3].startswith("health check nobody failed: http://name.invalid/")
    assert rest[4] == "health check absent failed: it cannot be run: No such file or directory"
    assert "    that here" in lines
    assert machine.snapshot("/etc") == before
    assert "MARK=one" in machine.run("systemctl show -P Environment web.service").stdout
    assert machine.run("pgrep -x sleep || pgrep -x yes", check=False).stdout == "", "nothing of a check stays behind"

    # a generation is not left because its own checks fail by now, and one is not reached whose checks fail
    assert engine(machine, "deactivate").exit_code == 0
    assert state(machine, "web.service") == "inactive"


def test_checking_ends_when_the_run_does(machine: Machine) -> None:
    activate(machine, {"good.service": service()})
    before = machine.snapshot("/etc")
    checks = [script(machine, "long", "sleep 1000", timeout=1000), script(machine, "longer", "false", retries=1000)]
    path = toplevel(machine, {"new.service": service(SLEEP)}, {"/etc/app.conf": "x"}, healthChecks=checks)
    for signal in ("TERM", "KILL"):
        machine.run(f"systemd-run -q --unit=run-{signal} system-manager-engine activate --toplevel {path}")
        machine.run("until pgrep -f '^sleep 1000$'; do sleep 0.1; done")
        began = time.monotonic()
        machine.run(f"kill -{signal} $(systemctl show -P MainPID run-{signal})")
        machine.run(f"while systemctl is-active run-{signal}; do sleep 0.1; done")
        engine(machine, "recover")
        assert time.monotonic() - began < 300
        assert machine.snapshot("/etc") == before, signal
        assert [state(machine, name) for name in ("good.service", "new.service")] == ["active", "inactive"]
