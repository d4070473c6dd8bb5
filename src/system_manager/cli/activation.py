"""What is said after the engine has changed the machine, or could not."""

from __future__ import annotations

import sys
from types import MappingProxyType

from system_manager.base.ending import drop_output
from system_manager.base.errors import ExitCode
from system_manager.base.type_hints import Any, Mapping, Sequence
from system_manager.cli.engine import EngineError, Outcome
from system_manager.cli.selection import Choice
from system_manager.cli.settings import Settings
from system_manager.cli.text import visible

_BACKUPS = "/var/lib/system-manager/backups/"

_LABELS = MappingProxyType(
    {
        "package": "packages",
        "user": "users",
        "group": "groups",
        "file": "files",
        "unit": "units",
        "user-unit": "units of users",
    }
)

_PAST = MappingProxyType(
    {
        "create": "created",
        "replace": "replaced",
        "remove": "removed",
        "restore": "restored",
        "stop": "stopped",
        "start": "started",
        "restart": "restarted",
        "reload": "reloaded",
        "install": "installed",
        "keep": "kept",
        "lock": "locked",
        "unlock": "unlocked",
    }
)


def raise_error(outcome: Outcome) -> None:
    """Raise the error that the engine ended with, if it did."""
    error = outcome.result.get("error")
    if error is None:
        return
    raise EngineError(
        error["what"],
        where=error["where"],
        hint=error["hint"],
        exit_code=outcome.exit_code if outcome.exit_code is not ExitCode.DONE else ExitCode.ERROR,
        kind=error["kind"],
    )


def report(outcome: Outcome, settings: Settings) -> None:
    """Say what was done, or raise what went wrong."""
    raise_error(outcome)
    result = outcome.result
    if settings.json:
        write_result(result)
        return
    for option in result["leftToDistribution"]:
        sys.stderr.write(f"left to the distribution: {visible(option)}\n")
    chosen = result["outcome"] == "at-next-boot"
    for step in () if chosen else result["steps"]:
        if _BACKUPS in step["reason"]:
            sys.stderr.write(f"{visible(step['target'])}: {visible(step['reason'])}\n")
    for line in () if chosen else summarise(result["steps"]):
        sys.stderr.write(f"{line}\n")
    sys.stderr.write(f"{_sentence(result)}\n")


def build_and(
    verb: str, settings: Settings, choice: Choice, *, sudo: bool, ask_password: bool, options: Sequence[str] = ()
) -> None:
    """Build what was chosen, and have the engine carry out a verb of its own with it."""
    from system_manager.cli import engine
    from system_manager.cli.building import built_toplevel
    from system_manager.cli.elevation import require_root
    from system_manager.cli.progress import observer

    require_root(settings, sudo=sudo, ask_password=ask_password, choice=choice)
    listening = observer(settings)
    with built_toplevel(choice, settings, listening, repair="--repair" in options) as toplevel:
        outcome = engine.run([verb, "--toplevel", toplevel, *options], settings, listening)
    if verb == "register" and "error" not in outcome.result:
        _report_registered(outcome.result, settings)
    else:
        report(outcome, settings)


def _report_registered(result: Mapping[str, Any], settings: Settings) -> None:
    if settings.json:
        write_result(result)
        return
    number = result["generation"]
    sys.stderr.write(f"Registered as generation {number}; 'system-manager rollback --to {number}' activates it.\n")
    _write(f"{result['toplevel']}\n")


def write_result(result: Mapping[str, Any]) -> None:
    """Write the result of a change of the machine as JSON.

    The change is made even if nobody takes its result: the exit code stays what is true of the machine.
    """
    import json

    _write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
    except OSError as error:
        drop_output()
        sys.stderr.write(f"warning: the result cannot be written: {error.strerror}\n")


def summarise(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was done, a line for each kind of thing: files are counted, units and packages are named."""
    done: dict[str, dict[str, list[str]]] = {}
    for step in steps:
        done.setdefault(step["subject"], {}).setdefault(step["action"], []).append(_name(step))
    lines = []
    for subject, label in _LABELS.items():
        parts = []
        for action, names in done.get(subject, {}).items():
            what = str(len(names)) if subject == "file" else ", ".join(names)
            parts.append(f"{_PAST.get(action, action)} {what}")
        if parts:
            lines.append(f"{label}: {'; '.join(parts)}")
    return lines


def _name(step: Mapping[str, Any]) -> str:
    """Accounts have their kind before the name, which the label says already; a user's unit is "x.service of alice"."""
    name = visible(step["target"])
    if step["subject"] == "user-unit":
        return f"{name} {visible(step['detail'])}"
    return name.removeprefix(f"{step['subject']} ") if step["subject"] in {"user", "group"} else name


def _sentence(result: Mapping[str, Any]) -> str:
    generation = result.get("generation")
    if result["toplevel"] is None:
        if result["outcome"] == "nothing-to-do":
            return "Nothing to change: System Manager manages nothing on this machine."
        return "Deactivated: nothing on this machine is managed any more."
    if (seconds := result.get("secondsToConfirm")) is not None:
        return (
            f"Done for now: the machine goes back in {seconds:g} seconds unless 'system-manager confirm' is said,"
            " best over a new connection."
        )
    if result.get("testing"):
        return "Done: the machine is as the configuration says until its next boot."
    match result["outcome"]:
        case "at-next-boot":
            return f"Nothing was changed; the next boot changes the machine to generation {generation}."
        case "nothing-to-do":
            return f"Nothing to change: the machine is as generation {generation} says."
        case "recorded":
            return f"Nothing to change on the machine; it is generation {generation} now."
        case _:
            return f"Done: the machine is generation {generation} now."
