"""``boot``: take effect at the next boot."""

from __future__ import annotations

import click

from system_manager.cli.elevation import sudo_options
from system_manager.cli.selection import Choice, configuration_options, store_path_option
from system_manager.cli.settings import Verb


@click.command(cls=Verb, short_help="Have the next boot change this machine.")
@configuration_options
@store_path_option
@sudo_options
def command(choice: Choice, sudo: bool, ask_password: bool) -> None:
    """Build the configuration and make it a generation that the next boot changes this machine to.

    Until then nothing changes. Whatever is activated before the boot takes its place.
    """
    from system_manager.cli.activation import build_and

    build_and("boot", choice, sudo=sudo, ask_password=ask_password)
