"""``switch``: move the machine to a configuration."""

from __future__ import annotations

import click

from system_manager.cli.elevation import require_root, sudo_options
from system_manager.cli.selection import Choice, configuration_options, store_path_option
from system_manager.cli.settings import Verb, current


@click.command(cls=Verb, short_help="Change this machine to the configuration.")
@configuration_options
@store_path_option
@click.option("--no-rollback", is_flag=True, help="When something fails, leave what was done (exit code 4).")
@sudo_options
def command(choice: Choice, no_rollback: bool, sudo: bool, ask_password: bool) -> None:
    """Build the configuration, make it a generation and change this machine to it.

    If anything fails, the machine is brought back to the generation before (exit code 3).
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.building import built_toplevel
    from system_manager.cli.progress import observer

    settings = current()
    require_root(settings, sudo=sudo, ask_password=ask_password, choice=choice)
    listening = observer(settings)
    options = ["--no-rollback"] if no_rollback else []
    with built_toplevel(choice, settings, listening) as toplevel:
        report(engine.run(["activate", "--toplevel", toplevel, *options], settings, listening), settings)
