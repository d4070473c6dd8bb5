"""``rollback``: move the machine to an older generation."""

from __future__ import annotations

from system_manager.cli.command_line import Argument, Option, positive_number, verb
from system_manager.cli.elevation import SUDO_OPTIONS, require_root
from system_manager.cli.selection import CONFIRM_OPTION, TIME_LIMITS, WAITING, confirmation
from system_manager.cli.settings import Settings


@verb(
    "Change this machine to an older generation.",
    Option(
        ("--to",),
        "number",
        "The generation; default: the one before.",
        metavar="N",
        argument=Argument.GENERATION,
        convert=positive_number,
    ),
    CONFIRM_OPTION,
    TIME_LIMITS,
    WAITING,
    *SUDO_OPTIONS,
)
def command(
    settings: Settings,
    *,
    number: int | None,
    confirm: int | None,
    limits: list[str],
    waiting: list[str],
    sudo: bool,
    ask_password: bool,
) -> None:
    """Change this machine to the generation before the current one, or to generation N.

    What waits for being confirmed, and what is tested, is taken back instead. Nothing is evaluated or built, so it
    works without a network and with a broken configuration.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import report
    from system_manager.cli.progress import observer

    require_root(settings, sudo=sudo, ask_password=ask_password)
    listening = observer(settings)
    target = [] if number is None else ["--to", str(number)]
    options = [*target, *confirmation(confirm), *limits, *waiting]
    report(engine.run(["rollback", *options], settings, listening), settings)
