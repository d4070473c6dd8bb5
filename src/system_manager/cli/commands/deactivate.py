"""``deactivate``: leave the machine as it was before System Manager."""

from __future__ import annotations

from system_manager.cli.command_line import verb
from system_manager.cli.elevation import SUDO_OPTIONS, require_root
from system_manager.cli.selection import WAITING
from system_manager.cli.settings import Settings


@verb(
    "Take everything back.",
    WAITING,
    *SUDO_OPTIONS,
)
def command(settings: Settings, *, waiting: list[str], sudo: bool, ask_password: bool) -> None:
    """Take back everything that the current generation put on this machine.

    The generations stay; 'system-manager rollback --to N' activates one again.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.progress import observer

    require_root(settings, sudo=sudo, ask_password=ask_password)
    listening = observer(settings)
    report(engine.run(["deactivate", *waiting], settings, listening), settings)
