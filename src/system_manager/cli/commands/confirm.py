"""``confirm``: keep what was changed for a time."""

from __future__ import annotations

import click

from system_manager.cli.elevation import require_root, sudo_options
from system_manager.cli.settings import Verb, current


@click.command(cls=Verb, short_help="Keep what 'switch --confirm' changed.")
@sudo_options
def command(sudo: bool, ask_password: bool) -> None:
    """Keep what 'switch --confirm' or 'rollback --confirm' changed: its generation is the current one from now on.

    Say it over a new connection, which shows that the machine can still be reached. A switch that is still going on
    is waited for.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.progress import observer

    settings = current()
    require_root(settings, sudo=sudo, ask_password=ask_password)
    report(engine.run(["confirm"], settings, observer(settings)), settings)
