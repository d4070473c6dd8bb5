"""The demonstration itself. It checks everything that it tells, so the tests run it too."""

from __future__ import annotations

from collections.abc import Mapping

from demo.narrator import Narrator
from tests.support.machine import CHECKOUT, Entry

EXAMPLE = CHECKOUT / "examples/web-server"
CONFIGURATION = "/root/web-server"

_FAILING_SERVICE = """
{
  imports = [ ./system.nix ];
  environment.etc."motd.d/broken".text = "never to be seen";
  systemd.services.doomed = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig.ExecStart = "/bin/sh -c 'echo I cannot start; exit 1'";
  };
}
"""

_MISSPELLED = """
{
  imports = [ ./system.nix ];
  services.nginx.virtualHsots.localhost.root = "/srv/www";
}
"""


def tell(narrator: Narrator) -> None:
    """Everything, from a fresh machine to the same machine again."""
    before = narrator.machine.snapshot("/etc")
    packages = _installed(narrator)
    _introduce(narrator)
    _first_switch(narrator)
    _change(narrator)
    _refuse(narrator)
    _roll_back(narrator)
    _deactivate(narrator, before, packages)


def _manager(narrator: Narrator, arguments: str) -> str:
    return f"system-manager{' --color always' if narrator.coloured else ''} {arguments}"


def _installed(narrator: Narrator) -> str:
    return narrator.run("dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\\n' | grep ^ii").stdout


def _introduce(narrator: Narrator) -> None:
    narrator.heading("A fresh Debian, with systemd, without a web server")
    narrator.show("grep PRETTY_NAME /etc/os-release; systemctl is-system-running", says=["running"])
    narrator.show("curl --silent --show-error http://localhost", ends_with=7)
    narrator.machine.copy_in(EXAMPLE, CONFIGURATION)
    narrator.show(f"cat {CONFIGURATION}/system.nix")


def _first_switch(narrator: Narrator) -> None:
    narrator.heading("Switch to the configuration")
    narrator.show(_manager(narrator, f"switch --verbose --file {CONFIGURATION}"))
    narrator.show("curl --silent http://localhost", says=["Hello"])
    narrator.show("systemctl list-timers --no-pager heartbeat.timer", says=["heartbeat.service"])
    narrator.show("bash --login -c 'echo $EDITOR'", says=["nano"])
    narrator.heading("A second time there is nothing to do")
    narrator.show(_manager(narrator, f"switch --file {CONFIGURATION}"), says=["othing to change"])


def _change(narrator: Narrator) -> None:
    narrator.heading("Change a line, and see what that would do")
    edits = "s/Hello/Good evening/; s/This machine is/Everything here is/"
    narrator.show(f"sed -i '{edits}' {CONFIGURATION}/system.nix")
    narrator.show(
        _manager(narrator, f"plan --file {CONFIGURATION}"), says=["+Everything here is", "restart  nginx.service"]
    )
    narrator.show("curl --silent http://localhost", says=["Hello"])
    narrator.show(_manager(narrator, f"switch --file {CONFIGURATION}"))
    narrator.show("curl --silent http://localhost", says=["Good evening"])


def _refuse(narrator: Narrator) -> None:
    machine = narrator.machine
    narrator.heading("A mistake in the configuration is found before anything is touched")
    machine.write(f"{CONFIGURATION}/misspelled.nix", _MISSPELLED)
    narrator.show(
        _manager(narrator, f"switch --file {CONFIGURATION}/misspelled.nix"),
        ends_with=1,
        says=["virtualHsots", "virtualHosts"],
    )
    narrator.heading("A service that does not start brings everything back")
    etc = machine.snapshot("/etc")
    machine.write(f"{CONFIGURATION}/failing.nix", _FAILING_SERVICE)
    narrator.show(
        _manager(narrator, f"switch --file {CONFIGURATION}/failing.nix"),
        ends_with=3,
        says=["doomed.service", "I cannot start"],
    )
    narrator.check(machine.snapshot("/etc") == etc, "/etc is not as it was before the failure")
    narrator.proven("/etc is as it was before the failure")
    narrator.show("curl --silent http://localhost", says=["Good evening"])


def _roll_back(narrator: Narrator) -> None:
    narrator.heading("Go back to the first generation")
    narrator.show(_manager(narrator, "generations"), says=["current"])
    narrator.show(_manager(narrator, "rollback"))
    narrator.show("curl --silent http://localhost", says=["Hello"])
    narrator.show(_manager(narrator, "status --exit-code"))


def _deactivate(narrator: Narrator, before: Mapping[str, Entry], packages: str) -> None:
    narrator.heading("Leave the machine as it was")
    narrator.show(_manager(narrator, "deactivate"))
    narrator.show("curl --silent --show-error http://localhost", ends_with=7)
    after = narrator.machine.snapshot("/etc")
    differing = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    narrator.check(not differing, "/etc is not as it was before", "\n".join(differing))
    narrator.proven(f"all {len(before)} entries of /etc are as before: names, kinds, content, modes, owners")
    narrator.check(_installed(narrator) == packages, "other packages are installed than before")
    narrator.proven("the same packages are installed as before")
