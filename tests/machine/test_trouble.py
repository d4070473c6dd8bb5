"""What goes wrong on a real machine: it is said, the exit code tells, and the machine is as before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from tests.machine.steps import (
    CONFIGURATION,
    becomes,
    command,
    current_generation,
    generations,
    is_active,
    main_process,
    sleeper,
    switch,
)
from tests.machine.unit_machine import SLEEP, engine, service, state, toplevel
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

ETC = '{ environment.etc."managed".text = "%s"; }'

FAILING = """
{
  environment.etc."managed".text = "with a broken service";
  systemd.services.broken = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig.ExecStart = "/bin/sh -c 'echo the reason why; exit 7'";
  };
}
"""


def test_a_unit_that_fails_to_start_brings_the_old_generation_back(machine: Machine) -> None:
    switch(machine, ETC % "good")
    before = machine.snapshot("/etc")
    failed = switch(machine, FAILING, ends_with=3)
    assert "broken.service" in failed.stderr
    assert "the reason why" in failed.stderr
    assert machine.snapshot("/etc") == before
    assert current_generation(machine) == 1
    assert machine.run("systemctl list-units --failed --no-legend").stdout == ""


def test_a_first_switch_that_fails_leaves_nothing(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    switch(machine, FAILING, ends_with=3)
    assert machine.snapshot("/etc") == before
    assert current_generation(machine) is None
    # What is repaired is not mistaken for somebody else's afterwards.
    switch(machine, ETC % "repaired")
    assert machine.run("cat /etc/managed").stdout == "repaired"


def test_without_rollback_the_failure_stays_and_the_exit_code_says_so(machine: Machine) -> None:
    failed = switch(machine, FAILING, "--no-rollback", ends_with=4)
    assert "broken.service" in failed.stderr
    assert machine.run("cat /etc/managed").stdout == "with a broken service"
    switch(machine, ETC % "repaired")
    assert machine.run("cat /etc/managed").stdout == "repaired"


def test_what_does_not_come_back_hinders_nobody_from_leaving(machine: Machine) -> None:
    theirs = "/lib/systemd/system/theirs.service"
    machine.write(theirs, "[Service]\nExecStart=/bin/sleep infinity\n")
    machine.run("systemctl daemon-reload; systemctl start theirs.service")
    switch(machine, '{ systemd.services.theirs.serviceConfig.ExecStart = "/bin/sleep 1d"; }')
    machine.write(theirs, "[Service]\nType=oneshot\nExecStart=/bin/false\n")
    before = machine.snapshot("/etc")
    command(machine, "deactivate", ends_with=3)
    assert machine.snapshot("/etc") == before
    kept = command(machine, "deactivate", "--no-rollback", ends_with=4)
    assert "theirs.service" in kept.stderr
    command(machine, "uninstall", "--yes")
    assert machine.run("systemctl show -P FragmentPath theirs.service").stdout.strip() == theirs


def test_a_unit_that_systemd_refuses_is_found_before_anything_is_touched(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    refused = switch(
        machine,
        """
        {
          environment.etc."managed".text = "x";
          systemd.services.odd = {
            wantedBy = [ "multi-user.target" ];
            serviceConfig.ExecStart = "relative/path --flag";
          };
        }
        """,
        ends_with=1,
    )
    assert "odd.service" in refused.stderr
    assert machine.snapshot("/etc") == before
    assert current_generation(machine) is None


def test_a_package_that_does_not_exist(machine: Machine) -> None:
    refused = switch(machine, "{ pkgs, ... }: { environment.systemPackages = [ pkgs.ripgerp ]; }", ends_with=1)
    assert "ripgerp" in refused.stderr
    assert "ripgrep" in refused.stderr
    assert generations(machine) == []


@pytest.mark.parametrize("verb", ["switch", "rollback", "deactivate"])
def test_who_is_not_root_is_told_how_to_become_it(verb: str, machine: Machine) -> None:
    before = machine.snapshot("/etc")
    refused = machine.run(["runuser", "-u", "admin", "--", "system-manager", verb], check=False)
    assert refused.returncode == 1
    assert "needs root" in refused.stderr
    assert "--sudo" in refused.stderr
    assert machine.snapshot("/etc") == before


def test_sudo(machine: Machine) -> None:
    machine.write("/home/admin/.config/system-manager/system.nix", ETC % "through sudo")
    machine.run("chown -R admin: /home/admin")
    environment = {"HOME": "/home/admin"}
    machine.run(["runuser", "-u", "admin", "--", "system-manager", "switch", "--sudo"], environment=environment)
    assert machine.run("cat /etc/managed").stdout == "through sudo"


def test_sudo_with_a_password(machine: Machine) -> None:
    machine.run("rm /etc/sudoers.d/admin; gpasswd -a admin sudo; echo admin:secret | chpasswd")
    machine.write("/home/admin/system.nix", ETC % "with a password")
    asked = ["runuser", "-u", "admin", "--", "system-manager", "switch", "--file", "/home/admin/system.nix"]
    machine.run([*asked, "--ask-sudo-password"], stdin="secret\n", environment={"HOME": "/home/admin"})
    assert machine.run("cat /etc/managed").stdout == "with a password"


def test_without_systemd_files_are_placed_and_units_start_at_the_next_boot(
    new_machine: Callable[..., Machine],
) -> None:
    machine = new_machine(boot=False)
    machine.write(CONFIGURATION, sleeper("later"))
    done = machine.run_without_systemd(f"system-manager switch --file {CONFIGURATION}")
    assert "next boot" in done.stderr
    assert machine.path("/etc/systemd/system/later.service").is_symlink()
    machine.boot()
    assert is_active(machine, "later.service")
    assert current_generation(machine) == 1


def test_in_a_root_directory_without_kernel_file_systems(machine: Machine) -> None:
    machine.write(CONFIGURATION, sleeper("later"))
    machine.run(f"mount --bind / /mnt; chroot /mnt system-manager switch --file {CONFIGURATION}; umount /mnt")
    assert machine.path("/etc/systemd/system/later.service").is_symlink()


def test_a_user_of_whom_nothing_is_known_leaves_nothing_behind(machine: Machine) -> None:
    unknown = "cd /tmp && env -u HOME setpriv --reuid=54321 --regid=54321 --clear-groups system-manager"
    assert machine.run(f"{unknown} eval --expr '1 + 1'").stdout == "2\n"
    refused = machine.run(f"{unknown} init", check=False)
    assert refused.returncode == 1
    assert "/nonexistent/.config/system-manager" in refused.stderr
    assert machine.run("find / -xdev -uid 54321").stdout == ""


@pytest.mark.parametrize("directory", ["/etc", "/var", "/nix"])
def test_a_file_system_that_is_read_only(directory: str, machine: Machine) -> None:
    switch(machine, sleeper("first"))
    process, before = main_process(machine, "first.service"), machine.snapshot("/etc")
    machine.write(CONFIGURATION, sleeper("second"))
    done = machine.run(
        f"""unshare --mount bash -c '
            mount --bind {directory} {directory}
            mount -o remount,bind,ro {directory}
            system-manager switch --file {CONFIGURATION}'
        """,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert directory in done.stderr
    assert "read-write" in done.stderr
    assert (main_process(machine, "first.service"), machine.snapshot("/etc")) == (process, before)


def test_a_second_switch_at_the_same_time_is_refused(machine: Machine) -> None:
    slow = """
      {
        systemd.services.slow = {
          wantedBy = [ "multi-user.target" ];
          serviceConfig = {
            Type = "oneshot";
            ExecStart = "/bin/sh -c 'until test -e /run/go-on; do sleep 0.2; done'";
          };
        };
      }
    """
    machine.write(CONFIGURATION, slow)
    machine.run(f"systemd-run --unit=first -p RemainAfterExit=yes system-manager switch --file {CONFIGURATION}")
    deadline = time.monotonic() + 300
    while machine.run("systemctl is-active slow", check=False).stdout.strip() != "activating":
        assert time.monotonic() < deadline, machine.run("journalctl -u first --no-pager", check=False).stdout
        time.sleep(0.2)
    refused = switch(machine, None, ends_with=1)
    assert "already" in refused.stderr
    assert "already" in command(machine, "deactivate", "--wait", "0.5", ends_with=1).stderr
    told = json.loads(command(machine, "status", "--json").stdout)
    assert (str(told["running"]).partition(" since")[0], told["interrupted"]) == ("switch", False)
    assert "right now" in command(machine, "plan", "--file", CONFIGURATION).stderr
    waits = f"system-manager switch --wait 60 --file {CONFIGURATION}"
    waited = machine.run(f"({waits} 2>&1 && echo it did) & sleep 1; touch /run/go-on; wait").stdout
    assert "waiting for switch" in waited
    assert "Nothing to change: the machine is as generation 1 says.\nit did" in waited
    # Who waits for nothing any more can be told so.
    lock = "flock /run/system-manager/lock sleep 60 & sleep 0.5"
    given_up = machine.run(f"{lock}; timeout --signal=INT 2 {waits}; echo ended with $?; kill %1", check=False)
    assert "ended with 124" in given_up.stdout
    assert "nothing was changed" in given_up.stderr
    machine.run("while [ $(systemctl show -P SubState first) = running ]; do sleep 0.2; done; systemctl stop first")


def test_a_switch_that_is_told_to_stop_takes_back_what_it_did(machine: Machine) -> None:
    switch(machine, ETC % "good")
    before = machine.snapshot("/etc")
    machine.write(
        CONFIGURATION,
        """
        {
          environment.etc."managed".text = "interrupted";
          systemd.services.slow = {
            wantedBy = [ "multi-user.target" ];
            serviceConfig = { Type = "oneshot"; ExecStart = "/bin/sleep infinity"; };
          };
        }
        """,
    )
    stopped = machine.run(
        f"""
        system-manager switch --file {CONFIGURATION} & process=$!
        until [ "$(systemctl is-active slow)" = activating ]; do sleep 0.2; done
        kill -TERM $process; wait $process
        """,
        check=False,
    )
    assert stopped.returncode == 3, stopped.stderr
    assert machine.snapshot("/etc") == before
    assert current_generation(machine) == 1
    assert machine.run("systemctl is-active slow", check=False).stdout.strip() == "inactive"


@pytest.mark.parametrize("left", [0, 512 << 10, 3 << 20])
def test_a_full_disk(left: int, new_machine: Callable[..., Machine]) -> None:
    machine = new_machine(disk_bytes=48 << 20)
    switch(machine, ETC % "good")
    before = machine.snapshot("/etc")
    machine.write(CONFIGURATION, ETC % "not enough space")
    machine.run(f"fallocate -l {left + 1} /kept; dd if=/dev/zero of=/fill bs=64k status=none; rm /kept", check=False)
    full = machine.run(["system-manager", "switch", "--file", CONFIGURATION], check=False)
    assert full.returncode != 0 or left > 0
    if full.returncode != 0:
        assert full.returncode in (1, 3)
        assert "space" in full.stderr
        assert machine.snapshot("/etc") == before
    machine.run("rm /fill")
    switch(machine, ETC % "enough space")
    assert machine.run("cat /etc/managed").stdout == "enough space"


@pytest.mark.parametrize("moment", [0.2, 0.6, 1.0])
def test_power_is_cut_during_a_switch(moment: float, machine: Machine) -> None:
    switch(machine, sleeper("steady", mark="1", unit='description = "One";'))
    old = machine.snapshot("/etc")
    machine.write(CONFIGURATION, sleeper("steady", mark="2"))
    machine.run(f"systemd-run --unit=second system-manager switch --file {CONFIGURATION}")
    time.sleep(moment)
    machine.kill()
    machine.boot()
    # Whatever was reached: the next run ends in the new generation, with everything accounted for.
    switch(machine, None)
    assert "MARK=2" in machine.run("systemctl cat steady.service").stdout
    assert is_active(machine, "steady.service")
    command(machine, "status", "--exit-code")
    command(machine, "rollback", "--to", "1")
    assert machine.snapshot("/etc") == old


@pytest.mark.parametrize("verb", ["activate", "deactivate"])
def test_what_was_not_flushed_is_lost(verb: str, new_machine: Callable[..., Machine]) -> None:
    """At a moment that nobody has chosen, on a real disk: what comes up is one generation, whole."""
    machine = new_machine(own_file_system=True)
    stops = service(f"{SLEEP}ExecStop=/bin/sleep 0.2\n")
    text = "\n".join(map(str, range(20_000)))  # as much as a disk does not write at once
    trees = {None: machine.snapshot("/etc")}
    paths = []
    for version in (2, 1):
        files = {f"/etc/app/{version}/{number}": f"{version} {text}" for number in range(20)}
        units = {"a.service": stops, f"only-{version}.service": service()}
        paths.append(toplevel(machine, units, {"/etc/both": f"{version} {text}", **files}))
        engine(machine, "activate", "--settle", "0", "--toplevel", paths[-1])
        trees[paths[-1]] = machine.snapshot("/etc")
    machine.run("sync")
    options = ["--toplevel", paths[0]] if verb == "activate" else []
    machine.run(["systemd-run", "--quiet", "--collect", "system-manager-engine", verb, *options])
    deadline = time.monotonic() + 60
    while not machine.path("/var/lib/system-manager/journal.json").exists():
        assert time.monotonic() < deadline
    time.sleep(0.3)  # wherever it is by then
    machine.lose_power()
    machine.boot()
    status = engine(machine, "status").result
    assert machine.snapshot("/etc") == trees[status["toplevel"]]
    assert (status["drift"], status["interrupted"]) == ([], False)
    names = ("a.service", "only-1.service", "only-2.service")
    up = {None: (), paths[0]: (names[0], names[2]), paths[1]: names[:2]}[status["toplevel"]]
    assert [name for name in names if state(machine, name) == "active"] == list(up)


def test_a_manager_that_refuses_to_read_its_units_does_not_hinder_a_deactivation(machine: Machine) -> None:
    switch(machine, sleeper("gone"))
    # It wants 16 MiB for what it writes down meanwhile.
    machine.run("fallocate --length $(( $(df --output=avail -B1 /run | tail -1) - 8000000 )) /run/filler")
    refused = switch(machine, sleeper("gone", mark="changed"), ends_with=1)
    assert "nothing was changed, because systemd would refuse to read its units" in refused.stderr
    assert is_active(machine, "gone.service")
    deactivated = command(machine, "deactivate")
    assert "until 'daemon-reload'" in deactivated.stderr
    assert not is_active(machine, "gone.service")
    machine.run("rm /run/filler; systemctl daemon-reload")
    assert "gone.service" not in machine.run("systemctl list-units --all --no-legend").stdout


def test_a_service_that_switches_and_is_changed_by_that(machine: Machine) -> None:
    """A hook, or what runs jobs: systemd ends all that runs in a service which it stops."""

    def generation(version: int, then: str) -> str:
        engine = "system-manager-engine activate --settle 0 --toplevel $(cat /run/next)"
        script = f"until test -e /run/go-{version}; do sleep 0.2; done; {then % engine}"
        hook = service(f"[Service]\nEnvironment=V={version}\nExecStart=/bin/sh -c '{script}'\n")
        return toplevel(machine, {"hook.service": hook}, {"/etc/version": f"{version}"})

    def hook_is(version: int) -> bool:
        return becomes(machine, "cat /etc/version; systemctl show -P Environment hook", f"{version}V={version}")

    engine(machine, "activate", "--toplevel", generation(1, "%s > /run/said; sleep infinity"))
    machine.run(f"echo {generation(2, 'exec %s > /run/said')} > /run/next; touch /run/go-1")
    assert hook_is(2)
    assert becomes(machine, 'grep -c \'"outcome":"changed"\' /run/said', "1")
    status = engine(machine, "status").result
    assert (status["generation"], status["drift"], status["interrupted"]) == (2, [], False)

    # A process that systemd ends by its number cannot go anywhere.
    machine.run(f"echo {generation(3, 'true; %s')} > /run/next; touch /run/go-2")
    assert becomes(machine, "grep -c 'whose main process it is' /run/said", "1")
    assert hook_is(2)
    machine.run("systemctl reset-failed hook")


def test_an_edited_managed_file_is_drift_and_is_kept_when_replaced(machine: Machine) -> None:
    configuration = '{ environment.etc."managed" = { text = "%s"; mode = "0644"; }; }'
    switch(machine, configuration % "ours")
    machine.run("echo edited > /etc/managed")
    drifted = command(machine, "status", "--exit-code", ends_with=5)
    assert "/etc/managed" in drifted.stdout
    replaced = switch(machine, configuration % "ours again")
    assert machine.run("cat /etc/managed").stdout == "ours again"
    backups = machine.run("grep -rl '^edited$' /var/lib/system-manager").stdout.split()
    assert len(backups) == 1
    assert backups[0] in replaced.stderr


def test_a_file_that_is_no_longer_replaced_gets_its_original_back(machine: Machine) -> None:
    machine.write("/etc/original", "original\n")
    before = machine.snapshot("/etc")["original"]
    switch(machine, '{ environment.etc."original" = { text = "ours"; replaceExisting = true; }; }')
    switch(machine, "{ }")
    assert machine.snapshot("/etc")["original"] == before


def test_a_managed_file_survives_an_update_that_cannot_work(machine: Machine) -> None:
    configuration = '{ environment.etc."managed" = { text = "%s"; mode = "0640"; user = "%s"; }; }'
    switch(machine, configuration % ("old", "daemon"))
    before = machine.snapshot("/etc")["managed"]
    refused = switch(machine, configuration % ("new", "nobody-of-this-name"), ends_with=1)
    assert "nobody-of-this-name" in refused.stderr
    assert machine.snapshot("/etc")["managed"] == before


def test_replaced_files_are_never_missing_and_secrets_never_readable(machine: Machine) -> None:
    def configuration(number: int) -> str:
        return f"""
          {{
            environment.etc."linked".text = "{number}";
            environment.etc."secret" = {{ text = "{number}"; mode = "0600"; }};
          }}
        """

    switch(machine, configuration(0))
    watch = """
      import os, stat
      seen = set()
      while not os.path.exists("/run/enough"):
          try:
              with open("/etc/linked") as file: file.read()
          except OSError as error: seen.add(f"linked: {error}")
          for name in os.listdir("/etc"):
              if "secret" in name:
                  try: mode = stat.S_IMODE(os.lstat(f"/etc/{name}").st_mode)
                  except FileNotFoundError: continue
                  if mode & 0o077: seen.add(f"{name}: {mode:o}")
      print(sorted(seen))
    """
    machine.write("/root/watch.py", "if True:\n" + watch)
    machine.run(
        "systemd-run --unit=watch -p RemainAfterExit=yes -p StandardOutput=file:/run/watched python3 /root/watch.py"
    )
    for number in range(1, 4):
        switch(machine, configuration(number))
    machine.run("touch /run/enough; while [ ! -s /run/watched ]; do sleep 0.2; done")
    assert machine.run("cat /run/watched").stdout == "[]\n"


def test_the_profile_moves_only_on_success(machine: Machine) -> None:
    switch(machine, ETC % "good")
    switch(machine, FAILING, ends_with=3)
    profile = "/nix/var/nix/profiles/system-manager-profiles/system-manager"
    assert machine.run(["readlink", profile]).stdout == "system-manager-1-link\n"


def test_results_and_events_as_json(machine: Machine) -> None:
    machine.write(CONFIGURATION, ETC % "json")
    plan = command(machine, "plan", "--json", "--file", CONFIGURATION)
    assert any(step["target"] == "/etc/managed" for step in json.loads(plan.stdout)["steps"])
    done = command(machine, "switch", "--json", "--file", CONFIGURATION)
    assert json.loads(done.stdout)["generation"] == 1
    assert all("event" in json.loads(line) for line in done.stderr.splitlines())
    failed = switch(machine, FAILING, "--json", ends_with=3)
    assert json.loads(failed.stderr.splitlines()[-1])["error"]["exitCode"] == 3


def test_systemd_is_executed_anew_in_between(machine: Machine) -> None:
    # As the installation of a new C library has it, or of systemd itself.
    anew = '{ system-manager.preActivationChecks.anew.script = "systemctl daemon-reexec"; imports = [ (%s) ]; }'
    switch(machine, anew % sleeper("first"))
    assert is_active(machine, "first.service")
    switch(machine, anew % sleeper("second"))
    assert [is_active(machine, f"{name}.service") for name in ("first", "second")] == [False, True]
    command(machine, "status", "--exit-code")


def test_an_image_that_is_populated_and_booted(new_machine: Callable[..., Machine]) -> None:
    machine = new_machine(boot=False)
    before = machine.snapshot("/etc")
    configuration = sleeper("from-the-image").replace("systemd", 'environment.etc."populated".text = "x"; systemd', 1)
    machine.write(CONFIGURATION, configuration)
    machine.run_without_systemd(f"system-manager pre-populate --file {CONFIGURATION}")
    assert machine.path("/etc/populated").is_symlink()
    machine.boot()
    assert is_active(machine, "from-the-image.service")
    assert current_generation(machine) == 1
    command(machine, "status", "--exit-code")
    switch(machine, sleeper("from-here"))
    machine.reboot()
    assert [is_active(machine, f"from-{place}.service") for place in ("the-image", "here")] == [False, True]
    command(machine, "deactivate")
    # systemd notes in /etc/.updated that it has booted this image.
    assert {name: entry for name, entry in machine.snapshot("/etc").items() if name != ".updated"} == before
