"""``test``: have a look at a configuration."""

from __future__ import annotations

from system_manager.cli.command_line import verb
from system_manager.cli.elevation import SUDO_OPTIONS
from system_manager.cli.selection import CONFIGURATION_OR_TOPLEVEL, TIME_LIMITS, WAITING, Choice
from system_manager.cli.settings import Settings


@verb(
    "Change this machine until its next boot.",
    CONFIGURATION_OR_TOPLEVEL,
    TIME_LIMITS,
    WAITING,
    *SUDO_OPTIONS,
)
def command(
    settings: Settings, *, choice: Choice, limits: list[str], waiting: list[str], sudo: bool, ask_password: bool
) -> None:
    """Build the configuration and change this machine to it until the next boot, without making it a generation.

    The next boot, and 'system-manager rollback', go back to the current generation; 'switch' keeps what is tested.
    """
    from system_manager.cli.activation import build_and

    build_and("test", settings, choice, sudo=sudo, ask_password=ask_password, options=[*limits, *waiting])
