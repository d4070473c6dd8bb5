"""``deactivate``: leave the machine as it was before System Manager."""

from __future__ import annotations

from system_manager.cli.command_line import flag, verb
from system_manager.cli.elevation import SUDO_OPTIONS, require_root
from system_manager.cli.selection import WAITING
from system_manager.cli.settings import Settings


@verb(
    "Take everything back.",
    flag("--no-rollback", "When something fails, leave what was done (exit code 4)."),
    WAITING,
    *SUDO_OPTIONS,
)
def command(settings: Settings, *, no_rollback: bool, waiting: list[str], sudo: bool, ask_password: bool) -> None:
    """Take back everything that the current generation put on this machine.

    The generations stay; 'system-manager rollback --to N' activates one again.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.progress import observer

    require_root(settings, sudo=sudo, ask_password=ask_password)
    listening = observer(settings)
    options = ["--no-rollback"] if no_rollback else []
    report(engine.run(["deactivate", *options, *waiting], settings, listening), settings)
