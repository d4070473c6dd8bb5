"""Becoming root, when the user says how."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from system_manager.base.errors import SystemManagerError, UsageError
from system_manager.cli.command_line import flag
from system_manager.cli.selection import Choice
from system_manager.cli.settings import Settings

_SUDO = "--sudo"
_ASK = "--ask-sudo-password"


SUDO_OPTIONS = (
    flag(_SUDO, "Run this command as root, through sudo."),
    flag(_ASK, "As --sudo, but ask for the password here and now.", key="ask_password"),
)


def require_root(settings: Settings, *, sudo: bool, ask_password: bool, choice: Choice | None = None) -> None:
    """As :func:`become_root`, for verbs that change the machine: raise when we are not and shall not become root."""
    become_root(settings, sudo=sudo, ask_password=ask_password, choice=choice)
    if os.geteuid() != 0 and settings.root == "/":
        raise SystemManagerError("changing this machine needs root", hint="run this with --sudo, or as root")


def become_root(settings: Settings, *, sudo: bool, ask_password: bool, choice: Choice | None = None) -> None:
    """Start this command again through sudo if the user asks for it and we are not root yet.

    :param choice: the configuration that the command is about. Root would look for one in another home.
    """
    if not (sudo or ask_password) or os.geteuid() == 0 or settings.root != "/":
        return
    from system_manager.base import process

    arguments = [argument for argument in sys.argv[1:] if argument not in (_SUDO, _ASK)]
    explicit = [] if choice is None else choice.explicit_arguments(Path(settings.root))
    # sudo drops the environment; what a configuration is searched in belongs to the question that was asked. NIX_CONFIG
    # does, too, but may hold tokens, and everybody sees the arguments of a process.
    kept = [f"{name}={os.environ[name]}" for name in ("NIX_PATH", "NO_COLOR") if name in os.environ]
    program = ["env", *kept, sys.executable, "-P", "-m", "system_manager", *arguments, *explicit]
    if not ask_password:
        process.replace_with(["sudo", "--", *program])
    password = _ask_password()
    process.replace_with(["sudo", "--stdin", "--prompt=", "--", *program], stdin=f"{password}\n")


def _ask_password() -> str:
    """Ask at the terminal, or where there is none, read a line of standard input. Raises :class:`UsageError`."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        line = sys.stdin.readline()
        if not line:
            raise UsageError(
                "nobody can be asked for the password",
                hint="run this at a terminal, or give the password as a line of standard input",
            ) from None
        return line.rstrip("\n")
    import getpass

    try:
        return getpass.getpass("Password for sudo: ")
    except EOFError:
        raise KeyboardInterrupt from None
