"""``confirm``: keep what was changed for a time."""

from __future__ import annotations

from system_manager.cli.command_line import verb
from system_manager.cli.elevation import SUDO_OPTIONS, require_root
from system_manager.cli.settings import Settings


@verb("Keep what 'switch --confirm' changed.", *SUDO_OPTIONS)
def command(settings: Settings, *, sudo: bool, ask_password: bool) -> None:
    """Keep what 'switch --confirm' or 'rollback --confirm' changed: its generation is the current one from now on.

    Say it over a new connection, which shows that the machine can still be reached. A switch that is still going on
    is waited for.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.progress import observer

    require_root(settings, sudo=sudo, ask_password=ask_password)
    report(engine.run(["confirm"], settings, observer(settings)), settings)
