"""``boot``: take effect at the next boot."""

from __future__ import annotations

from system_manager.cli.command_line import verb
from system_manager.cli.elevation import SUDO_OPTIONS
from system_manager.cli.selection import CONFIGURATION_OR_TOPLEVEL, WAITING, Choice
from system_manager.cli.settings import Settings


@verb(
    "Have the next boot change this machine.",
    CONFIGURATION_OR_TOPLEVEL,
    WAITING,
    *SUDO_OPTIONS,
)
def command(settings: Settings, *, choice: Choice, waiting: list[str], sudo: bool, ask_password: bool) -> None:
    """Build the configuration and make it a generation that the next boot changes this machine to.

    Until then nothing changes. Whatever is activated before the boot takes its place.
    """
    from system_manager.cli.activation import build_and

    build_and("boot", settings, choice, sudo=sudo, ask_password=ask_password, options=waiting)
