"""``status``: is the machine what its generation says?"""

from __future__ import annotations

import sys

from system_manager.base.errors import ExitCode
from system_manager.base.type_hints import Any
from system_manager.cli.command_line import verb
from system_manager.cli.elevation import SUDO_OPTIONS, become_root
from system_manager.cli.selection import EXIT_CODE_OPTION
from system_manager.cli.settings import Settings
from system_manager.cli.text import counted, styled, visible


@verb(
    "Compare this machine with its generation.",
    EXIT_CODE_OPTION,
    *SUDO_OPTIONS,
)
def command(settings: Settings, *, exit_code: bool, sudo: bool, ask_password: bool) -> int:
    """Compare this machine with its current generation: files, units, packages."""
    from system_manager.cli import engine
    from system_manager.cli.activation import raise_error
    from system_manager.cli.progress import observer

    become_root(settings, sudo=sudo, ask_password=ask_password)
    outcome = engine.run(["status"], settings, observer(settings))
    raise_error(outcome)
    if settings.json:
        import json

        sys.stdout.write(json.dumps(outcome.result, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(outcome.result, settings)
    different = bool(outcome.result["drift"]) or outcome.result["interrupted"]
    return ExitCode.DIFFERENCES if exit_code and different else ExitCode.DONE


def _print(status: dict[str, Any], settings: Settings) -> None:
    coloured = settings.coloured(sys.stdout)

    def line(text: str, colour: str | None = None) -> None:
        sys.stdout.write(f"{styled(text, colour if coloured else None)}\n")

    if status["toplevel"] is None:
        line("System Manager manages nothing on this machine.")
    else:
        managed = (
            counted(status["files"], "file"),
            counted(len(status["units"]), "unit"),
            counted(status["packages"], "package"),
        )
        number = status["generation"] if status["toConfirm"] is None else status["toConfirm"]["generation"]
        who = "System Manager" if number is None else f"Generation {number}"
        line(f"{who} manages {', '.join(managed[:-1])} and {managed[-1]}.")
        line(f"Toplevel: {status['toplevel']}")
    if status["running"]:
        line(f"{visible(status['running'])} is changing this machine right now.", "yellow")
    if (waiting := status["toConfirm"]) is not None:
        left = counted(waiting["secondsLeft"], "second")
        which = f"Generation {waiting['generation']} is active and waits for 'system-manager confirm'"
        line(f"{which}; it is taken back in {left}, or by a boot.", "yellow")
    elif (chosen := status["atNextBoot"]) is not None:
        number = chosen["generation"]
        where = "nothing being managed" if chosen["toplevel"] is None else f"generation {number}"
        line(
            f"The next boot changes the machine to {where}."
            if chosen["reason"] != "test"
            else f"This is a test: the next boot goes back to {where}."
        )
    if status["interrupted"]:
        line("A run was interrupted; the next one takes back what it had begun.", "yellow")
    for drift in status["drift"]:
        line(f"{visible(drift['target'])} {visible(drift['what'])}", "yellow")
    if status["toplevel"] is not None and not status["drift"] and not status["interrupted"]:
        line("Everything is as it was left.", "green")
