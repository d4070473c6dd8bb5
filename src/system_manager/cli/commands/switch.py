"""``switch``: move the machine to a configuration."""

from __future__ import annotations

from system_manager.base.errors import UsageError
from system_manager.cli.command_line import flag, verb
from system_manager.cli.elevation import SUDO_OPTIONS
from system_manager.cli.selection import (
    CONFIGURATION_OR_TOPLEVEL,
    CONFIRM_OPTION,
    TIME_LIMITS,
    WAITING,
    Choice,
    confirmation,
)
from system_manager.cli.settings import Settings


@verb(
    "Change this machine to the configuration.",
    CONFIGURATION_OR_TOPLEVEL,
    flag("--no-rollback", "When something fails, leave what was done (exit code 4)."),
    flag("--repair", "Also put right what 'status' shows besides: units, directories, what rules made, store paths."),
    CONFIRM_OPTION,
    flag("--ephemeral", "Only until the next boot: the same as 'test'."),
    TIME_LIMITS,
    WAITING,
    *SUDO_OPTIONS,
)
def command(
    settings: Settings,
    *,
    choice: Choice,
    no_rollback: bool,
    repair: bool,
    confirm: int | None,
    ephemeral: bool,
    limits: list[str],
    waiting: list[str],
    sudo: bool,
    ask_password: bool,
) -> None:
    """Build the configuration, make it a generation and change this machine to it.

    If anything fails, the machine is brought back to the generation before (exit code 3).
    """
    from system_manager.cli.activation import build_and

    if ephemeral and confirm is not None:
        raise UsageError("--ephemeral makes no generation that could be confirmed")
    options = [*(["--no-rollback"] if no_rollback else []), *(["--repair"] if repair else [])]
    options += [*confirmation(confirm), *limits, *waiting]
    verb_of_engine = "test" if ephemeral else "activate"
    build_and(verb_of_engine, settings, choice, sudo=sudo, ask_password=ask_password, options=options)
