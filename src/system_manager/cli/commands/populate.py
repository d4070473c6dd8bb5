"""``pre-populate``: prepare an image."""

from __future__ import annotations

from system_manager.cli.command_line import flag, verb
from system_manager.cli.elevation import SUDO_OPTIONS
from system_manager.cli.selection import CONFIGURATION_OR_TOPLEVEL, WAITING, Choice
from system_manager.cli.settings import Settings


@verb(
    "Change an image to the configuration.",
    CONFIGURATION_OR_TOPLEVEL,
    flag("--ephemeral", "Only until the image is booted, and without making it a generation."),
    WAITING,
    *SUDO_OPTIONS,
)
def command(
    settings: Settings, *, choice: Choice, ephemeral: bool, waiting: list[str], sudo: bool, ask_password: bool
) -> None:
    """Build the configuration and change an image to it: a directory (--root) or a container without systemd.

    Files and packages are put in place; units start when the image is booted.
    """
    from system_manager.cli.activation import build_and

    options = [*(["--ephemeral"] if ephemeral else []), *waiting]
    build_and("populate", settings, choice, sudo=sudo, ask_password=ask_password, options=options)
