"""``build``: make the generation's content, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from system_manager.cli.elevation import become_root, sudo_options
from system_manager.cli.selection import Choice, configuration_options
from system_manager.cli.settings import Verb, current


@click.command(cls=Verb, short_help="Build the configuration, change nothing.")
@configuration_options
@click.option(
    "-o",
    "--out-link",
    metavar="LINK",
    default="result",
    show_default=True,
    help="Make this link to what was built; it keeps the garbage collector away.",
)
@click.option("--no-link", is_flag=True, help="Make no link.")
@sudo_options
def command(choice: Choice, out_link: str, no_link: bool, sudo: bool, ask_password: bool) -> None:
    """Evaluate and build the configuration, and print the store path of its toplevel."""
    from system_manager.cli.building import built_toplevel
    from system_manager.cli.progress import observer

    settings = current()
    become_root(settings, sudo=sudo, ask_password=ask_password, choice=choice)
    link = None if no_link else Path(out_link).absolute()
    with built_toplevel(choice, settings, observer(settings), link=link) as toplevel:
        text = toplevel
    if settings.json:
        import json

        text = json.dumps({"toplevel": toplevel, "link": None if link is None else str(link)})
    sys.stdout.write(f"{text}\n")
