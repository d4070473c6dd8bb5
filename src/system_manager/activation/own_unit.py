"""Not being ended by what one does: a run that was started by a service which it stops or restarts, a hook's say.

systemd ends all processes of a service that it stops, this one too, which would wait for that. So it goes into a scope
of its own first. What cannot be saved that way is refused, as long as nothing is changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from system_manager.activation.change import Change, Machine
from system_manager.activation.unit_changes import StartUnits, StopUnits
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Notice
from system_manager.base.process import run
from system_manager.host.systemd import SystemdError

_SECONDS_TO_ANSWER = 30
_START_SCOPE = (
    "busctl", "--quiet", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
    "org.freedesktop.systemd1.Manager", "StartTransientUnit", "ssa(sv)a(sa(sv))",
)  # fmt: skip


class OwnUnitError(SystemManagerError):
    """The run would end itself."""


def leave_unit(machine: Machine, changes: Iterable[Change]) -> None:
    """Leave the service that this process is part of, if any of ``changes`` ends what runs in it.

    :raises OwnUnitError: when it cannot; nothing was changed.
    """
    disturbed = _disturbed(changes)
    if not disturbed or machine.systemd is None:
        return
    try:
        own = machine.systemd.unit_of_process(os.getpid())
        if own is None or own not in disturbed:
            return
        if machine.systemd.main_process(own) == os.getpid():
            raise _refusal(own, "whose main process it is")
    except SystemdError:
        return  # who does not know where it is goes on as before
    try:
        scope = f"system-manager-{machine.transaction or os.getpid()}.scope"
        properties = ("Description", "s", f"Run of System Manager that {own} began", "PIDs", "au", "1")
        run([*_START_SCOPE, scope, "fail", "2", *properties, str(os.getpid()), "0"], timeout_seconds=_SECONDS_TO_ANSWER)
    except SystemManagerError as error:
        raise _refusal(own, f"which it cannot leave: {error.what}") from None
    machine.observer.notify(Notice(f"{own}, which began this, is among the units that change: it goes on without it"))


def _disturbed(changes: Iterable[Change]) -> set[str]:
    found: set[str] = set()
    for change in changes:
        if isinstance(change, StopUnits):
            found |= {*change.stop, *change.running} - {*change.reload}
        elif isinstance(change, StartUnits):
            found |= {*change.units.restart, *change.units.start}
    return found


def _refusal(own: str, why: str) -> OwnUnitError:
    return OwnUnitError(
        f"nothing was changed, because this would end the service that runs it, {own}, {why}",
        hint="start it as a unit of its own, with 'systemd-run --wait system-manager …'",
    )
