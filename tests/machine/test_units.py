"""Units under a real systemd: what is stopped, started, restarted, reloaded and left alone, and what failures do."""

from __future__ import annotations

import pytest

from tests.machine.unit_machine import (
    SLEEP,
    Described,
    activate,
    engine,
    main_process,
    marker,
    service,
    state,
    toplevel,
)
from tests.support.machine import Machine

pytestmark = pytest.mark.machine


def sleep(*lines: str, section: str = "Service", **keys: str) -> str:
    """A service that stays up, with more settings."""
    extra = "".join(f"{key.replace('_', '-')}={value}\n" for key, value in keys.items())
    return f"{SLEEP}{extra}" + "".join(f"{line}\n" for line in lines) if section == "Service" else ""


def test_life_of_a_service(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    first = activate(machine, {"a.service": service()})
    assert first.actions == {"start": ["a.service"]}
    assert state(machine, "a.service") == "active"
    process = main_process(machine, "a.service")

    again = activate(machine, {"a.service": service()})
    assert again.result["outcome"] == "nothing-to-do"
    assert main_process(machine, "a.service") == process

    described = activate(machine, {"a.service": service(f"[Unit]\nDescription=other\n{SLEEP}")})
    assert described.actions == {}
    assert main_process(machine, "a.service") == process

    changed = activate(machine, {"a.service": service(sleep("Environment=X=1"))})
    assert changed.actions == {"stop": ["a.service"], "start": ["a.service"]}
    assert main_process(machine, "a.service") not in (0, process)

    gone = activate(machine, {})
    assert gone.actions == {"stop": ["a.service"]}
    assert state(machine, "a.service") == "inactive"
    engine(machine, "deactivate")
    assert machine.snapshot("/etc") == before


def test_the_keys_that_say_what_a_change_means(machine: Machine) -> None:
    def units(mark: str) -> dict[str, Described]:
        environment = f"Environment=MARK={mark}"
        return {
            "keep.service": service(sleep(environment, "X-RestartIfChanged=false")),
            "restart.service": service(sleep(environment, "X-StopIfChanged=false")),
            "reload.service": service(sleep(environment, "X-ReloadIfChanged=true", "ExecReload=/bin/true")),
            "trigger.service": service(f"[Unit]\nX-Reload-Triggers={mark}\n{sleep('ExecReload=/bin/true')}"),
            "refuse.service": service(f"[Unit]\nRefuseManualStop=true\n{sleep(environment)}"),
            "stays.service": service(f"[Unit]\nX-StopOnRemoval=false\n{SLEEP}"),
        }

    activate(machine, units("1"))
    before = {name: main_process(machine, name) for name in units("1")}
    changed = activate(machine, units("2"))
    assert changed.actions == {
        "keep": ["keep.service", "refuse.service"],
        "reload": ["reload.service", "trigger.service"],
        "restart": ["restart.service"],
    }
    after = {name: main_process(machine, name) for name in units("2")}
    assert {name for name in before if before[name] != after[name]} == {"restart.service"}

    removed = activate(machine, {})
    assert removed.actions["keep"] == ["refuse.service", "stays.service"]
    assert main_process(machine, "stays.service") == before["stays.service"]


def test_a_unit_is_stopped_with_its_old_definition(machine: Machine) -> None:
    old, new = marker(), marker()
    activate(machine, {"a.service": service(sleep(f"ExecStopPost=/bin/touch {old}"))})
    activate(machine, {"a.service": service(sleep(f"ExecStopPost=/bin/touch {new}"))})
    assert machine.run(f"test -e {old} && test ! -e {new}").returncode == 0
    activate(machine, {})
    machine.run(f"test -e {new}")


def test_what_the_administrator_stopped_stays_stopped(machine: Machine) -> None:
    activate(machine, {"a.service": service(), "b.service": service()})
    machine.run("systemctl stop a.service")
    activate(machine, {"a.service": service(sleep("Environment=X=1")), "b.service": service(sleep("Environment=X=1"))})
    assert state(machine, "a.service") == "inactive"
    assert state(machine, "b.service") == "active"


def test_only_what_an_active_target_wants_is_started(machine: Machine) -> None:
    target = service("[Unit]\nDescription=ours\n")
    started = activate(
        machine,
        {
            "ours.target": target,
            "inside.service": service(wanted_by="ours.target"),
            "nobody.service": service(wanted_by=""),
            "graphical.service": service(wanted_by="never-there.target"),
            "socket.socket": service("[Socket]\nListenStream=/run/x.sock\n", wanted_by="sockets.target"),
            "socket.service": service(wanted_by=""),
        },
    )
    assert started.actions == {"start": ["inside.service", "ours.target", "socket.socket"]}
    assert state(machine, "socket.service") == "inactive"


def test_what_depends_on_a_changed_unit_runs_again(machine: Machine) -> None:
    machine.write("/lib/systemd/system/theirs.service", f"[Unit]\nBindsTo=b.service\nAfter=b.service\n{SLEEP}")

    def units(number: int) -> dict[str, Described]:
        return {
            "a.service": service(sleep(f"Environment=X={number}")),
            "b.service": service(f"[Unit]\nRequires=a.service\nAfter=a.service\n{SLEEP}"),
        }

    activate(machine, units(1))
    machine.run("systemctl daemon-reload; systemctl start theirs.service")
    changed = activate(machine, units(2))
    assert changed.actions == {"stop": ["a.service"], "start": ["a.service", "b.service", "theirs.service"]}
    assert [state(machine, f"{name}.service") for name in ("a", "b", "theirs")] == ["active"] * 3
    # and on the way back
    broken = {**units(3), "bad.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    activate(machine, broken, ends_with=3)
    assert [state(machine, f"{name}.service") for name in ("a", "b", "theirs")] == ["active"] * 3


def test_early_units_run_before_the_others(machine: Machine) -> None:
    mark = marker()

    def units(number: int) -> dict[str, Described]:
        early = (
            "[Unit]\nDefaultDependencies=no\nBefore=sysinit-reactivation.target\n"
            f"[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'echo {number} > {mark}'\n"
        )
        return {
            "sysinit-reactivation.target": service("[Unit]\nDescription=early\n", wanted_by=""),
            "early.service": Described(early, links={"requiredBy": ["sysinit-reactivation.target"]}),
            "late.service": service(
                f"[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/cp {mark} {mark}.seen\n"
                f"Environment=X={number}\n"
            ),
        }

    for number in (1, 2):
        activate(machine, units(number))
        assert machine.run(f"cat {mark}.seen").stdout == f"{number}\n"


def test_a_timer_driven_job_is_not_run_by_a_change(machine: Machine) -> None:
    mark = marker()

    def units(number: int) -> dict[str, Described]:
        job = f"[Service]\nType=oneshot\nExecStart=/bin/touch {mark}\nEnvironment=X={number}\n"
        return {
            "job.service": service(job, wanted_by=""),
            "job.timer": service("[Timer]\nOnCalendar=Mon 03:00\n", wanted_by="timers.target"),
        }

    activate(machine, units(1))
    activate(machine, units(2))
    assert state(machine, "job.timer") == "active"
    machine.run(f"test ! -e {mark}")


def test_a_oneshot_runs_again_when_it_changed_and_only_then(machine: Machine) -> None:
    mark = marker()

    def units(number: int, other: int) -> dict[str, Described]:
        text = f"[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo {number} >> {mark}'\n"
        return {"once.service": service(text), "other.service": service(sleep(f"Environment=X={other}"))}

    activate(machine, units(1, 1))
    activate(machine, units(1, 2))
    activate(machine, units(2, 2))
    assert machine.run(f"cat {mark}").stdout == "1\n2\n"


ECHO = "/bin/sh -c 'read line; echo $line; exec sleep infinity'"


def test_a_changed_socket_listens_with_its_new_settings(machine: Machine) -> None:
    def units(path: str) -> dict[str, Described]:
        return {
            "echo.socket": service(f"[Socket]\nListenStream={path}\n", wanted_by="sockets.target"),
            "echo.service": service(wanted_by=""),
        }

    activate(machine, units("/run/one.sock"))
    machine.run("systemctl start echo.service")
    activate(machine, units("/run/two.sock"))
    machine.run("test -S /run/two.sock")
    listening = machine.run("ss -lx").stdout
    assert "/run/two.sock" in listening
    assert "/run/one.sock" not in listening


def test_a_changed_service_with_a_socket_comes_back_by_its_socket(machine: Machine) -> None:
    def units(number: int) -> dict[str, Described]:
        return {
            "echo.socket": service("[Socket]\nListenStream=/run/echo.sock\n", wanted_by="sockets.target"),
            "echo.service": service(sleep(f"Environment=X={number}"), wanted_by=""),
        }

    activate(machine, units(1))
    machine.run("systemctl start echo.service")
    changed = activate(machine, units(2))
    assert changed.actions == {"stop": ["echo.service", "echo.socket"], "start": ["echo.socket"]}
    assert (state(machine, "echo.socket"), state(machine, "echo.service")) == ("active", "inactive")


def test_a_service_that_runs_gets_a_socket(machine: Machine) -> None:
    socket = service("[Socket]\nListenStream=/run/echo.sock\n", wanted_by="sockets.target")
    activate(machine, {"echo.service": service()})
    both = {"echo.service": service(), "echo.socket": socket}
    cycled = {"stop": ["echo.service"], "start": ["echo.service", "echo.socket"]}
    assert activate(machine, both).actions == cycled
    assert [state(machine, name) for name in both] == ["active", "active"]
    # When its socket was stopped while it runs on, that is repaired in the same way.
    machine.run("systemctl stop echo.socket; systemctl start echo.service")
    assert activate(machine, both, "--repair").actions == cycled
    assert [state(machine, name) for name in both] == ["active", "active"]


def test_instances_of_a_template(machine: Machine) -> None:
    def units(number: int) -> dict[str, Described]:
        return {"many@.service": service(sleep(f"Environment=X={number}"), wanted_by="")}

    activate(machine, units(1))
    machine.run("systemctl start many@one.service many@two.dots.service")
    changed = activate(machine, units(2))
    assert changed.actions["stop"] == ["many@one.service", "many@two.dots.service"]
    assert state(machine, "many@two.dots.service") == "active"
    gone = activate(machine, {})
    assert gone.actions == {"stop": ["many@one.service", "many@two.dots.service"]}


def test_the_distributions_own_unit_is_replaced_and_given_back(machine: Machine) -> None:
    machine.write("/lib/systemd/system/theirs.service", SLEEP)
    machine.run("systemctl daemon-reload; systemctl start theirs.service")
    activate(machine, {"theirs.service": service(sleep("Environment=OURS=1"))})
    assert "OURS" in machine.run("systemctl show -P Environment theirs.service").stdout
    activate(machine, {})
    assert state(machine, "theirs.service") == "active"
    assert machine.run("systemctl show -P Environment theirs.service").stdout.strip() == ""


def test_a_drop_in_on_the_distributions_unit(machine: Machine) -> None:
    machine.write("/lib/systemd/system/theirs.service", SLEEP)
    machine.run("systemctl daemon-reload; systemctl start theirs.service")
    first = main_process(machine, "theirs.service")
    activate(machine, {"theirs.service": Described(None, {"10-ours.conf": "[Service]\nEnvironment=OURS=1\n"})})
    second = main_process(machine, "theirs.service")
    assert second not in (0, first)
    activate(machine, {})
    assert state(machine, "theirs.service") == "active", "taking our settings away must not stop it"
    assert main_process(machine, "theirs.service") != second


def test_settings_for_a_unit_of_the_distribution_by_another_name_of_it(machine: Machine) -> None:
    """As for ``sshd.service``, which Debian calls ``ssh.service``."""
    machine.write("/lib/systemd/system/theirs.service", f"{SLEEP}[Install]\nAlias=known-as.service\n")
    machine.run("systemctl daemon-reload; systemctl enable -q --now theirs.service")

    def settings(number: int) -> Described:
        return Described(None, {"10-ours.conf": f"[Service]\nEnvironment=OURS={number}\n"})

    cycled = {"stop": ["theirs.service"], "start": ["theirs.service"]}
    assert activate(machine, {"known-as.service": settings(1)}).actions == cycled
    both = {"known-as.service": settings(1), "theirs.service": Described(None, {"20.conf": "[Service]\nNice=1\n"})}
    assert activate(machine, both).actions == cycled
    assert activate(machine, {**both, "known-as.service": settings(2)}).actions == cycled
    process = main_process(machine, "theirs.service")
    assert "OURS=2" in machine.run(f"tr '\\0' '\\n' < /proc/{process}/environ").stdout
    assert activate(machine, {}).actions == cycled


def test_what_a_condition_kept_down_starts_when_it_changes(machine: Machine) -> None:
    """Nobody stopped it; what the administrator stopped stays down."""

    def unit(path: str) -> dict[str, Described]:
        return {"choosy.service": service(f"[Unit]\nConditionPathExists={path}\n{SLEEP}")}

    activate(machine, unit("/nowhere"))
    assert state(machine, "choosy.service") == "inactive"
    assert activate(machine, unit("/etc")).actions == {"start": ["choosy.service"]}
    assert state(machine, "choosy.service") == "active"
    machine.run("systemctl stop choosy.service")
    assert activate(machine, unit("/usr")).actions == {}


def test_a_mask_is_put_and_taken_away(machine: Machine) -> None:
    machine.write("/lib/systemd/system/theirs.service", SLEEP)
    machine.write("/lib/systemd/system/idle.service", SLEEP)
    machine.run("systemctl daemon-reload; systemctl start theirs.service")
    activate(machine, {"theirs.service": Described(None, masked=True), "idle.service": Described(None, masked=True)})
    assert state(machine, "theirs.service") == "inactive"
    assert machine.run("systemctl start theirs.service", check=False).returncode != 0
    activate(machine, {})
    assert state(machine, "theirs.service") == "active", "it ran before it was masked"
    assert state(machine, "idle.service") == "inactive"
    machine.run("systemctl start idle.service")
    # So is what had settings of ours before.
    settings = {"theirs.service": Described(None, {"10-ours.conf": "[Service]\nEnvironment=OURS=1\n"})}
    activate(machine, settings)
    activate(machine, {"theirs.service": Described(None, masked=True)})
    assert activate(machine, settings).actions == {"start": ["theirs.service"]}


NEVER_READY = "[Service]\nType=notify\nExecStart=/bin/sleep infinity\n"
LATE = "[Service]\nExecStart=/bin/sh -c 'sleep {after}; echo the reason; exit {status}'\n"
LOOP = "[Service]\nRestart={restart}\nRestartSec={pause}\nExecStart=/bin/sh -c 'sleep {after}; exit {status}'\n"
WITHOUT_SETTLING, SETTLING = 0, 60  # at most: it ends when one has failed

BROKEN = [
    ("[Service]\nExecStart=/bin/sh -c 'echo the reason; exit 7'\n", SETTLING, ["failed with status 7", "the reason"]),
    ("[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo the reason; exit 7'\n", WITHOUT_SETTLING,
     ["failed with status 7", "the reason"]),
    ("[Service]\nExecStart=/no/such/program\n", SETTLING, ["failed with status 203"]),
    ("[Service]\nExecStartPre=/bin/false\nExecStart=/bin/true\n", WITHOUT_SETTLING, ["failed: one of its commands"]),
    ("[Unit]\nRequires=missing.service\nAfter=missing.service\n" + SLEEP, WITHOUT_SETTLING, ["missing.service"]),
    (NEVER_READY + "TimeoutStartSec=1\n", WITHOUT_SETTLING, ["was not up within 1 s, its own TimeoutStartSec"]),
    ("[Service]\nType=notify\nExecStart=/bin/true\n", WITHOUT_SETTLING, ["before it said that it is ready"]),
    (LATE.format(after=2, status=1), SETTLING, ["failed with status 1", "the reason"]),
    ("[Service]\nExecStart=/bin/sh -c 'sleep 0.5; kill -9 $$$$'\n", SETTLING, ["was killed by SIGKILL"]),
    (LOOP.format(restart="always", pause="1s", after=0, status=1), SETTLING, ["status 1"]),
    # running most of the time, and clean by its last exit status when it is looked at
    (LOOP.format(restart="always", pause="50ms", after=0.5, status=1), SETTLING, ["bad.service"]),
    (LOOP.format(restart="on-failure", pause="600s", after=1, status=1), SETTLING, ["with status 1 again and again"]),
]  # fmt: skip


def test_a_unit_that_does_not_come_up_brings_everything_back(machine: Machine) -> None:
    good = {"good.service": service()}
    activate(machine, good, files={"/etc/app.conf": "one"})
    etc = machine.snapshot("/etc")
    for text, settle, reasons in BROKEN:
        process = main_process(machine, "good.service")
        units = {"good.service": service(sleep("Environment=X=1")), "bad.service": service(text)}
        failed = activate(machine, units, files={"/etc/app.conf": "two"}, settleTime=settle, ends_with=3)
        assert "bad.service" in failed.result["error"]["what"]
        assert [why for why in reasons if why not in failed.result["error"]["what"]] == [], text
        assert machine.snapshot("/etc") == etc, text
        assert state(machine, "good.service") == "active"
        assert main_process(machine, "good.service") != process
        assert machine.run("systemctl show -P Environment good.service").stdout.strip() == ""
        assert machine.run("systemctl list-units --all --no-legend bad.service").stdout.strip() == "", text
        assert machine.run("systemctl list-units --failed --no-legend").stdout == ""
    status = engine(machine, "status").result
    assert (status["generation"], status["drift"]) == (1, [])


def test_what_ends_in_good_order_has_not_failed(machine: Machine) -> None:
    """Programs that do their work and end: at once or later, kept as active or not, called again by systemd or not."""
    units = {
        "at-once.service": service("[Service]\nExecStart=/bin/true\n"),
        "later.service": service(LATE.format(after=0.5, status=0)),
        "remains.service": service(LATE.format(after=0.5, status=0) + "RemainAfterExit=yes\n"),
        "accepted.service": service(LATE.format(after=0.5, status=4) + "SuccessExitStatus=4\n"),
        "again.service": service(
            "[Unit]\nStartLimitIntervalSec=0\n" + LOOP.format(restart="always", pause="50ms", after=0.5, status=0)
        ),
        "waiting.service": service(LOOP.format(restart="always", pause="30s", after=0.2, status=0)),
        "unmet.service": service(f"[Unit]\nConditionPathExists=/nowhere\n{SLEEP}"),
        # its stop ends with an error, which is no news of the process that is started
        "rude.service": service(
            "[Service]\nExecStart=/bin/sh -c 'trap \"exit 9\" TERM; while :; do sleep 0.1; done'\n"
        ),
    }
    activate(machine, units, settleTime=2)
    changed = {name: service((unit.text or "") + "Environment=X=1\n") for name, unit in units.items()}
    changed["rude.service"] = service((changed["rude.service"].text or "") + "X-StopIfChanged=false\n")
    assert activate(machine, changed, settleTime=2).actions["restart"] == ["rude.service"]


def test_time_limits_of_the_activation(machine: Machine) -> None:
    stuck = "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/sleep infinity\nTimeoutStopSec={seconds}\n"
    activate(machine, {"stuck.service": service(stuck.format(seconds=600)), "good.service": service()})
    before = machine.snapshot("/etc")

    # Starting takes too long: the limit is the manifest's, or what is asked for.
    slow = {"stuck.service": service(stuck.format(seconds=600)), "slow.service": service(NEVER_READY)}
    for arguments, more in (((), {"unitTimeout": 3}), (("--unit-timeout", "3"), {"unitTimeout": 500})):
        failed = activate(machine, slow, *arguments, ends_with=3, **more)
        assert "slow.service did not start within 3 s, the limit of the activation" in failed.result["error"]["what"]
        assert state(machine, "slow.service") == "inactive"

    # Stopping takes too long. What has to run again is killed in the end, rather than left as it is.
    failed = activate(machine, {"good.service": service(sleep("Environment=X=1"))}, unitTimeout=3, ends_with=3)
    assert "stuck.service did not stop within 3 s, the limit of the activation" in failed.result["error"]["what"]
    assert [state(machine, name) for name in ("stuck.service", "good.service")] == ["active", "active"]
    assert machine.snapshot("/etc") == before

    # The unit's own limit comes first: systemd ends the unit, and that is told.
    machine.run("systemctl kill --signal=KILL stuck; until systemctl is-failed stuck; do sleep 0.1; done")
    activate(machine, {"stuck.service": service(stuck.format(seconds=1))})
    done = activate(machine, {}, "--unit-timeout", "30")
    warnings = [event["text"] for event in done.events if event["event"] == "warned"]
    assert warnings == ["stuck.service did not stop in its own TimeoutStopSec and was killed"]


def test_a_failure_without_rollback_is_kept_and_tried_again(machine: Machine) -> None:
    bad = {"bad.service": service("[Service]\nExecStart=/bin/sh -c 'test -e /run/repaired && exec sleep infinity'\n")}
    activate(machine, bad, "--no-rollback", settleTime=1, ends_with=4)
    assert state(machine, "bad.service") == "failed"
    assert machine.path("/etc/systemd/system/bad.service").is_symlink()
    machine.run("touch /run/repaired")
    assert activate(machine, bad, settleTime=1).actions == {"start": ["bad.service"]}
    assert state(machine, "bad.service") == "active"


def test_a_failed_unit_is_started_again_when_its_definition_was_repaired(machine: Machine) -> None:
    fails = "until test -e /run/fail; do sleep 0.1; done; exit 1"
    activate(machine, {"a.service": service(f"[Service]\nExecStart=/bin/sh -c '{fails}'\n")})
    machine.run("touch /run/fail; until systemctl is-failed a.service; do sleep 0.1; done")
    activate(machine, {"a.service": service()})
    assert state(machine, "a.service") == "active"


@pytest.mark.parametrize(
    "text",
    [
        "[Service]\nType=oneshot\n",
        "[Service]\nExecStart=relative/path\n",
        "[Service]\nExecStart=/bin/true\nExecStart=/bin/true\n",
        "[Service\nExecStart=/bin/true\n",
    ],
    ids=["no-command", "relative-command", "two-commands", "bad-section"],
)
def test_a_unit_that_systemd_refuses_is_found_before_anything_is_touched(text: str, machine: Machine) -> None:
    before = machine.snapshot("/etc")
    refused = activate(machine, {"odd.service": service(text)}, ends_with=1)
    assert "odd.service" in refused.result["error"]["what"]
    assert machine.snapshot("/etc") == before


def test_a_unit_that_failed_and_goes_is_forgotten(machine: Machine) -> None:
    activate(machine, {"gone.service": service()})
    machine.run("systemctl kill --signal=KILL gone; until systemctl is-failed gone; do sleep 0.1; done")
    activate(machine, {})
    assert "gone" not in machine.run("systemctl list-units --all --no-legend").stdout


def test_rollback_brings_the_old_definition_back_and_runs_it(machine: Machine) -> None:
    activate(machine, {"a.service": service(sleep("Environment=V=1")), "first.service": service()})
    activate(machine, {"a.service": service(sleep("Environment=V=2")), "second.service": service()})
    engine(machine, "rollback")
    assert "V=1" in machine.run("systemctl show -P Environment a.service").stdout
    assert (state(machine, "first.service"), state(machine, "second.service")) == ("active", "inactive")


def test_stopped_by_a_signal_in_the_middle(machine: Machine) -> None:
    activate(machine, {"good.service": service()})
    before = machine.snapshot("/etc")
    slow = {"slow.service": service("[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n")}
    path = toplevel(machine, slow)
    machine.run(f"systemd-run -q --unit=run -p RemainAfterExit=yes system-manager-engine activate --toplevel {path}")
    machine.run("until [ $(systemctl show -P ActiveState slow) = activating ]; do sleep 0.2; done")
    machine.run("kill -TERM $(systemctl show -P MainPID run)")
    machine.run("while [ $(systemctl show -P SubState run) = running ]; do sleep 0.2; done")
    assert machine.run("systemctl show -P ExecMainStatus run").stdout.strip() == "3"
    assert machine.snapshot("/etc") == before
    assert (state(machine, "slow.service"), state(machine, "good.service")) == ("inactive", "active")


@pytest.mark.parametrize("number", ["INT", "KILL"])
def test_what_waits_its_turn_when_the_run_ends(number: str, machine: Machine) -> None:
    """As long as a job of another unit comes first, the state of a unit does not tell what is about to happen to it."""
    last = "[Unit]\nAfter=behind.service\n[Service]\nExecStart=/bin/sleep infinity\nEnvironment=V=%s\n"
    slow = "until test -e /run/go-on; do sleep 0.1; done"

    def ended_while(name: str, busy: str, path: str) -> None:
        machine.run(
            f"""
            rm -f /run/go-on
            systemd-run --quiet --collect --scope --unit=run system-manager-engine activate --toplevel {path} \
                > /run/said 2>&1 & process=$!
            until [ "$(systemctl show -P ActiveState {name})" = {busy} ]; do sleep 0.1; done
            systemctl kill --signal={number} run.scope; sleep 0.5; touch /run/go-on
            wait $process; system-manager-engine recover > /run/said
            until [ -z "$(systemctl list-jobs --no-legend)" ]; do sleep 0.1; done
            """
        )

    stops = service(f"{last % 1}ExecStop=/bin/sh -c '{slow}'\n")
    activate(machine, {"behind.service": service(f"{SLEEP}Environment=V=1\n"), "before.service": stops})
    changed = {"behind.service": service(f"{SLEEP}Environment=V=2\n"), "before.service": service(last % 2)}
    ended_while("before.service", "deactivating", toplevel(machine, changed))
    assert engine(machine, "status").result["drift"] == []
    assert "V=1" in machine.run("systemctl show -P Environment behind.service").stdout

    starts = {"slow.service": service(f"[Service]\nType=oneshot\nExecStart=/bin/sh -c '{slow}'\n")}
    waits = {"waits.service": service(f"[Unit]\nAfter=slow.service\n{SLEEP}")}
    more = {"behind.service": service(f"{SLEEP}Environment=V=1\n"), "before.service": stops, **starts, **waits}
    ended_while("slow.service", "activating", toplevel(machine, more))
    assert engine(machine, "status").result["drift"] == []
    assert [state(machine, name) for name in ("slow.service", "waits.service")] == ["inactive", "inactive"]


def test_killed_at_many_moments_and_recovered_by_the_next_run(machine: Machine) -> None:
    """Old or new, files and units, wherever SIGKILL strikes; the slow unit keeps the last moments busy."""
    first = {"a.service": service(sleep("Environment=V=1")), "gone.service": service()}
    second = {
        "a.service": service(sleep("Environment=V=2")),
        "slow.service": service("[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 3\n"),
    }
    files = {f"/etc/app/{number}.conf": "x" * number for number in range(40)}
    activate(machine, first)
    before = machine.snapshot("/etc")
    path = toplevel(machine, second, files)
    for tenths in range(1, 21):
        command = f"timeout --signal=KILL {tenths / 10} system-manager-engine activate --toplevel {path}"
        machine.run(f"{command} > /dev/null 2>&1", check=False)
        engine(machine, "recover")
        assert machine.snapshot("/etc") == before, f"killed after {tenths / 10} s"
        assert "V=1" in machine.run("systemctl show -P Environment a.service").stdout
        assert [state(machine, name) for name in (*first, "slow.service")] == ["active", "active", "inactive"]
    activate(machine, second, files=files)
    assert state(machine, "slow.service") == "active"


RULES = "/etc/tmpfiles.d/ours.conf"


def test_tmpfiles_rules_are_applied_when_they_change(machine: Machine) -> None:
    rule = "d /var/lib/made/deep 0750 daemon daemon -\n"
    machine.run("mkdir /var/lib/used; touch /var/lib/used/x")
    activate(machine, {}, files={RULES: rule}, tmpfiles=[RULES])
    assert machine.run("stat -c '%a %U:%G' /var/lib/made/deep").stdout == "750 daemon:daemon\n"
    machine.run("rmdir /var/lib/made/deep")
    activate(machine, {"a.service": service()}, files={RULES: rule}, tmpfiles=[RULES])
    assert machine.run("test -e /var/lib/made/deep", check=False).returncode == 1, "unchanged rules are for the boot"

    odd = f"{rule}d /var/lib/odd 0755 nobody-knows root -\nzz nonsense\n"
    told = activate(machine, {}, files={RULES: odd}, tmpfiles=[RULES]).events
    warnings = [event["text"] for event in told if event["event"] == "warned"]
    assert [(RULES in line, "nobody-knows" in line) for line in warnings] == [(True, True), (True, False)]

    bad = {"bad.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    more = f"{rule}d /var/lib/more 0755 root root -\nD /var/lib/used 0755 root root -\n"
    activate(machine, bad, files={RULES: more}, tmpfiles=[RULES], ends_with=3)
    machine.run("test ! -e /var/lib/more && test -e /var/lib/made && test -e /var/lib/used/x")


def test_everything_is_there_after_a_reboot(machine: Machine) -> None:
    activate(machine, {"a.service": service(), "t.timer": service("[Timer]\nOnCalendar=daily\nUnit=a.service\n")})
    machine.reboot()
    assert (state(machine, "a.service"), state(machine, "t.timer")) == ("active", "active")
    assert (
        activate(
            machine, {"a.service": service(), "t.timer": service("[Timer]\nOnCalendar=daily\nUnit=a.service\n")}
        ).result["outcome"]
        == "nothing-to-do"
    )


def test_many_units_at_once(machine: Machine) -> None:
    units = {f"s{number}.service": service() for number in range(60)}
    activate(machine, units)
    assert all(state(machine, name) == "active" for name in list(units)[::20])
    engine(machine, "deactivate")
    assert machine.run("systemctl list-units --no-legend 's*.service' | grep -c sleep", check=False).stdout == "0\n"
