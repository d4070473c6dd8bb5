"""``deactivate``: leave the machine as it was before System Manager."""

from __future__ import annotations

import click

from system_manager.cli.elevation import require_root, sudo_options
from system_manager.cli.settings import Verb, current


@click.command(cls=Verb, short_help="Take everything back.")
@sudo_options
def command(sudo: bool, ask_password: bool) -> None:
    """Take back everything that the current generation put on this machine.

    The generations stay; 'system-manager rollback --to N' activates one again.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.progress import observer

    settings = current()
    require_root(settings, sudo=sudo, ask_password=ask_password)
    listening = observer(settings)
    report(engine.run(["deactivate"], settings, listening), settings)
