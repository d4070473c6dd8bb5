"""``register``: add a generation."""

from __future__ import annotations

import click

from system_manager.cli.elevation import sudo_options
from system_manager.cli.selection import Choice, configuration_options, store_path_option
from system_manager.cli.settings import Verb


@click.command(cls=Verb, short_help="Make the configuration a generation, and no more.")
@configuration_options
@store_path_option
@sudo_options
def command(choice: Choice, sudo: bool, ask_password: bool) -> None:
    """Build the configuration and make it a generation; prints its store path. Nothing is changed.

    'system-manager rollback --to N' activates it.
    """
    from system_manager.cli.activation import build_and

    build_and("register", choice, sudo=sudo, ask_password=ask_password)
