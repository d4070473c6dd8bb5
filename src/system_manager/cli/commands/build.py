"""``build``: make the generation's content, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

from system_manager.cli.command_line import Argument, Option, flag, named_file, verb
from system_manager.cli.elevation import SUDO_OPTIONS, become_root
from system_manager.cli.selection import CONFIGURATION, Choice
from system_manager.cli.settings import Settings


@verb(
    "Build the configuration, change nothing.",
    CONFIGURATION,
    Option(
        ("-o", "--out-link"),
        "out_link",
        "Make this link to what was built; it keeps the garbage collector away. The default is 'result'.",
        metavar="LINK",
        convert=named_file,
        argument=Argument.FILE,
        default="result",
    ),
    flag("--no-link", "Make no link."),
    *SUDO_OPTIONS,
)
def command(
    settings: Settings, *, choice: Choice, out_link: str, no_link: bool, sudo: bool, ask_password: bool
) -> None:
    """Evaluate and build the configuration, and print the store path of its toplevel."""
    from system_manager.cli.building import built_toplevel
    from system_manager.cli.progress import observer

    become_root(settings, sudo=sudo, ask_password=ask_password, choice=choice)
    link = None if no_link else Path(out_link).absolute()
    with built_toplevel(choice, settings, observer(settings), link=link) as toplevel:
        text = toplevel
    if settings.json:
        import json

        text = json.dumps({"toplevel": toplevel, "link": None if link is None else str(link)})
    sys.stdout.write(f"{text}\n")
