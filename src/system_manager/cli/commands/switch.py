"""``switch``: move the machine to a configuration."""

from __future__ import annotations

import click

from system_manager.base.errors import UsageError
from system_manager.cli.elevation import sudo_options
from system_manager.cli.selection import (
    Choice,
    configuration_options,
    confirm_option,
    confirmation,
    store_path_option,
)
from system_manager.cli.settings import Verb


@click.command(cls=Verb, short_help="Change this machine to the configuration.")
@configuration_options
@store_path_option
@click.option("--no-rollback", is_flag=True, help="When something fails, leave what was done (exit code 4).")
@click.option("--repair", is_flag=True, help="Also start what was stopped or failed: everything that 'status' shows.")
@confirm_option
@click.option("--ephemeral", is_flag=True, help="Only until the next boot: the same as 'test'.")
@sudo_options
def command(
    choice: Choice,
    *,
    no_rollback: bool,
    repair: bool,
    confirm: int | None,
    ephemeral: bool,
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
    options += confirmation(confirm)
    build_and("test" if ephemeral else "activate", choice, sudo=sudo, ask_password=ask_password, options=options)
