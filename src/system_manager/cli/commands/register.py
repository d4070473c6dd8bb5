"""``register``: add a generation."""

from __future__ import annotations

from system_manager.cli.command_line import verb
from system_manager.cli.elevation import SUDO_OPTIONS
from system_manager.cli.selection import CONFIGURATION_OR_TOPLEVEL, WAITING, Choice
from system_manager.cli.settings import Settings


@verb(
    "Make the configuration a generation, and no more.",
    CONFIGURATION_OR_TOPLEVEL,
    WAITING,
    *SUDO_OPTIONS,
)
def command(settings: Settings, *, choice: Choice, waiting: list[str], sudo: bool, ask_password: bool) -> None:
    """Build the configuration and make it a generation; prints its store path. Nothing is changed.

    'system-manager rollback --to N' activates it.
    """
    from system_manager.cli.activation import build_and

    build_and("register", settings, choice, sudo=sudo, ask_password=ask_password, options=waiting)
