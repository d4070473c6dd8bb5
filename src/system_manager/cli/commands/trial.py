"""``test``: have a look at a configuration."""

from __future__ import annotations

import click

from system_manager.cli.elevation import sudo_options
from system_manager.cli.selection import Choice, configuration_options, store_path_option
from system_manager.cli.settings import Verb


@click.command(cls=Verb, short_help="Change this machine until its next boot.")
@configuration_options
@store_path_option
@sudo_options
def command(choice: Choice, sudo: bool, ask_password: bool) -> None:
    """Build the configuration and change this machine to it until the next boot, without making it a generation.

    The next boot, and 'system-manager rollback', go back to the current generation; 'switch' keeps what is tested.
    """
    from system_manager.cli.activation import build_and

    build_and("test", choice, sudo=sudo, ask_password=ask_password)
