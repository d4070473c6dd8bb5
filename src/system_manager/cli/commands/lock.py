"""``lock``: write down which versions of packages the configuration means."""

from __future__ import annotations

import sys

from system_manager.base.errors import UsageError
from system_manager.cli.command_line import Operands, flag, verb
from system_manager.cli.elevation import SUDO_OPTIONS, become_root
from system_manager.cli.selection import CONFIGURATION, Choice
from system_manager.cli.settings import Settings
from system_manager.cli.text import visible


@verb(
    "Pin the versions of packages.",
    CONFIGURATION,
    flag("--update", "Take the versions that the archives have now: of the packages named, or of all."),
    Operands("names", "[PACKAGE]..."),
    *SUDO_OPTIONS,
)
def command(
    settings: Settings, *, choice: Choice, update: bool, names: tuple[str, ...], sudo: bool, ask_password: bool
) -> None:
    """Write 'system-manager.lock' beside the configuration: the version and the hash of every package in it.

    From then on the configuration means these versions, also next month and on other machines with the same
    distribution. Without --update only what is missing is added, and what is no longer used is dropped.
    """
    from system_manager.cli.locking import make_lock
    from system_manager.cli.progress import observer

    if names and not update:
        raise UsageError("packages are named for --update only", hint="say --update to take newer versions of them")
    become_root(settings, sudo=sudo, ask_password=ask_password, choice=choice)
    wanted = (names or None) if update else ()
    file, changes = make_lock(choice, settings, observer(settings), update=wanted)
    if settings.json:
        import json

        listed = [{"name": change.name, "old": change.old, "new": change.new} for change in changes]
        sys.stdout.write(json.dumps({"file": str(file), "changes": listed}, indent=2) + "\n")
        return
    for change in changes:
        if change.old is None:
            line = f"add {change.name} {change.new}"
        elif change.new is None:
            line = f"drop {change.name} {change.old}"
        else:
            line = f"update {change.name} {change.old} to {change.new}"
        sys.stderr.write(f"{visible(line)}\n")
    sys.stderr.write(f"{file} is written.\n" if changes else f"{file} is as it should be.\n")
