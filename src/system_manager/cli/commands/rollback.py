"""``rollback``: move the machine to an older generation."""

from __future__ import annotations

import click

from system_manager.cli.elevation import require_root, sudo_options
from system_manager.cli.selection import confirm_option, confirmation
from system_manager.cli.settings import Verb, current


@click.command(cls=Verb, short_help="Change this machine to an older generation.")
@click.option(
    "--to", "number", type=click.IntRange(min=1), metavar="N", help="The generation; default: the one before."
)
@confirm_option
@sudo_options
def command(number: int | None, confirm: int | None, sudo: bool, ask_password: bool) -> None:
    """Change this machine to the generation before the current one, or to generation N.

    What waits for being confirmed, and what is tested, is taken back instead. Nothing is evaluated or built, so it
    works without a network and with a broken configuration.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.progress import observer

    settings = current()
    require_root(settings, sudo=sudo, ask_password=ask_password)
    listening = observer(settings)
    target = [] if number is None else ["--to", str(number)]
    report(engine.run(["rollback", *target, *confirmation(confirm)], settings, listening), settings)
