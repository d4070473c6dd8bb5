"""``plan``: what ``switch`` would do."""

from __future__ import annotations

import sys

from system_manager.base.errors import ExitCode, SystemManagerError
from system_manager.cli.command_line import flag, verb
from system_manager.cli.elevation import SUDO_OPTIONS, become_root
from system_manager.cli.selection import CONFIGURATION_OR_TOPLEVEL, EXIT_CODE_OPTION, Choice
from system_manager.cli.settings import Settings
from system_manager.cli.text import counted


@verb(
    "Show what switch would change.",
    CONFIGURATION_OR_TOPLEVEL,
    EXIT_CODE_OPTION,
    flag("--repair", "As switch --repair would."),
    *SUDO_OPTIONS,
)
def command(
    settings: Settings, *, choice: Choice, exit_code: bool, repair: bool, sudo: bool, ask_password: bool
) -> int:
    """Show what 'switch' would create, change, remove, restart and install. Nothing is changed."""
    from system_manager.cli import engine
    from system_manager.cli.activation import raise_error
    from system_manager.cli.building import built_toplevel
    from system_manager.cli.progress import observer

    become_root(settings, sudo=sudo, ask_password=ask_password, choice=choice)
    listening = observer(settings)
    with built_toplevel(choice, settings, listening) as toplevel:
        outcome = engine.run(["plan", "--toplevel", toplevel, *(["--repair"] if repair else [])], settings, listening)
    raise_error(outcome)
    if settings.json:
        import json

        sys.stdout.write(json.dumps(outcome.result, indent=2, ensure_ascii=False) + "\n")
    else:
        from system_manager.cli.plan_view import print_plan

        print_plan(outcome.result, settings)
    if conflicts := outcome.result["conflicts"]:
        raise SystemManagerError(
            f"the plan cannot be carried out: {counted(len(conflicts), 'conflict')}",
            hint="correct the configuration, move what is in the way, or set replaceExisting = true to have it kept",
        )
    return ExitCode.DIFFERENCES if exit_code and outcome.result["steps"] else ExitCode.DONE
