"""``pre-populate``: prepare an image."""

from __future__ import annotations

import click

from system_manager.cli.elevation import sudo_options
from system_manager.cli.selection import Choice, configuration_options, store_path_option
from system_manager.cli.settings import Verb


@click.command(cls=Verb, short_help="Change an image to the configuration.")
@configuration_options
@store_path_option
@sudo_options
def command(choice: Choice, sudo: bool, ask_password: bool) -> None:
    """Build the configuration and change an image to it: a directory (--root) or a container without systemd.

    Files and packages are put in place; units start when the image is booted.
    """
    from system_manager.cli.activation import build_and

    build_and("populate", choice, sudo=sudo, ask_password=ask_password)
