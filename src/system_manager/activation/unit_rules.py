"""What the name and the settings of a unit say about being stopped, restarted and started."""

from __future__ import annotations

from system_manager.activation.unit_file import UnitText, flag, last, values
from system_manager.host.unit_names import template_of

# Every program's connection to the bus ends with it, ours and those of login sessions included.
BUS = frozenset({"dbus.service", "dbus.socket", "dbus-broker.service"})
# What NixOS says of these in its modules; the distribution's unit files, which they are here, do not. The first end
# sessions, the second must not be away for a moment.
_OF_SESSIONS = frozenset(
    f"{name}.service"
    for name in (
        "autovt@", "console-getty", "container-getty@", "display-manager", "gdm", "getty@", "lightdm", "sddm",
        "serial-getty@", "systemd-logind", "systemd-user-sessions", "user-runtime-dir@", "user@",
    )
)  # fmt: skip
_RESTARTED_IN_PLACE = frozenset(
    {"systemd-journald.service", "systemd-networkd.service", "systemd-resolved.service", "systemd-udevd.service"}
)
# systemd makes them itself and never stops them; without /nix, nothing of ours is there any more.
_NEVER_STOPPED = frozenset({"-.mount", "-.slice", "init.scope", "nix.mount", "system.slice"})
LOST_CONNECTIONS = "everything that talks over the bus would lose its connection"


def stays_when_removed(name: str, definition: UnitText) -> str | None:
    """Why a unit runs on that is no longer in the configuration; None when it does not."""
    if not flag(definition, "Unit", "X-StopOnRemoval", default=True):
        return "X-StopOnRemoval=false"
    return cannot_be_stopped(name, definition)


def cannot_be_stopped(name: str, definition: UnitText) -> str | None:
    """Why a unit must not be stopped, or systemd would refuse to; None when it can be.

    :param definition: the one that systemd has now.
    """
    if name in BUS:
        return LOST_CONNECTIONS
    if name in _NEVER_STOPPED:
        return "the machine cannot be without it"
    if flag(definition, "Unit", "RefuseManualStop", default=False):
        return "RefuseManualStop=true"
    return None


def keeps_running(name: str, definition: UnitText) -> str | None:
    """Why a changed unit is neither stopped nor restarted; None when it is."""
    if not flag(definition, "Service", "X-RestartIfChanged", default=True):
        return "X-RestartIfChanged=false"
    said = values(definition, "Service", "X-RestartIfChanged")
    if not said and (template_of(name) or name) in _OF_SESSIONS:
        return "sessions would end"
    # RefuseManualStart too: systemd would let us stop it, and then not start it again.
    for key in ("RefuseManualStop", "RefuseManualStart", "X-OnlyManualStart"):
        if flag(definition, "Unit", key, default=False):
            return f"{key}=true"
    return None


def is_restarted_in_place(name: str, definition: UnitText) -> bool:
    """Whether stopping it in one step and starting it in another is not wanted, or would lose what it holds.

    systemd keeps the file descriptors that a service gives it (journald: the output of every other service) across
    a restart only.
    """
    keeps_descriptors = last(definition, "Service", "FileDescriptorStoreMax", "0") != "0"
    stops = flag(definition, "Service", "X-StopIfChanged", default=name not in _RESTARTED_IN_PLACE)
    return keeps_descriptors or not stops


def is_manual_only(definition: UnitText) -> bool:
    """Whether only somebody starts it, by hand."""
    return flag(definition, "Unit", "RefuseManualStart", default=False) or (
        flag(definition, "Unit", "X-OnlyManualStart", default=False)
    )


def is_reloaded_by_command(definition: UnitText) -> bool:
    """Whether a service has a command of its own for being reloaded."""
    return bool(values(definition, "Service", "ExecReload"))
