"""Plans and states as plain data, for whoever draws them: the last line of the engine's output."""

from __future__ import annotations

import os
import stat
from typing import Any

from system_manager.activation.change import Step
from system_manager.activation.file_changes import is_secret
from system_manager.activation.plan import Plan
from system_manager.activation.status import Status
from system_manager.base.errors import SystemManagerError
from system_manager.host.root import Root

_LARGEST_TEXT = 256 * 1024
_NULL = os.makedev(1, 3)  # null(4)


def plan_data(plan: Plan, root: Root, *, with_diffs: bool) -> dict[str, Any]:
    """The whole plan. ``diff`` of a step is a unified diff, or None where there is no text to compare."""
    return {
        "toplevel": plan.target.toplevel,
        "steps": [step_data(step, root, with_diff=with_diffs) for step in plan.steps()],
        "notices": plan.notices,
        "conflicts": [{"target": conflict.target, "why": conflict.why} for conflict in plan.conflicts],
        "warnings": list(plan.target.manifest.warnings),
        "leftToDistribution": list(plan.target.manifest.left_to_distribution),
    }


def step_data(step: Step, root: Root, *, with_diff: bool) -> dict[str, Any]:
    """One line of the plan; ``action`` and ``subject`` are the values of the enumerations of those names."""
    return {
        "action": step.action.value,
        "subject": step.subject.value,
        "target": step.target,
        "detail": step.detail,
        "reason": step.reason,
        "diff": _diff(step, root) if with_diff else None,
    }


def error_data(error: SystemManagerError) -> dict[str, Any]:
    """An error; ``kind`` is the name of its class."""
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "where": error.where,
        "hint": error.hint,
        "exitCode": int(error.exit_code),
    }


def _diff(step: Step, root: Root) -> str | None:
    if step.secret or (step.old_source is None and step.new_source is None):
        return None
    old, new = _text(root, step.old_source), _text(root, step.new_source)
    if old is None or new is None or old == new:
        return None
    import difflib

    names = (step.target if step.old_source else "/dev/null", step.target if step.new_source else "/dev/null")
    lines = difflib.unified_diff(_lines(old), _lines(new), *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """With their ends. Only a newline is one: a form feed, for instance, is a character like any other."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _text(root: Root, path: str | None) -> str | None:
    """The text to compare; None when it is no text, too much of it, or secret. What is not there is empty.

    A link may lead to a secret that is put there by others, or to what never ends or begins to be read.
    """
    if path is None:
        return ""
    try:
        with open(root.real(path), "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            if status.st_rdev == _NULL:
                return ""  # a mask
            if not stat.S_ISREG(status.st_mode) or is_secret(status.st_mode):
                return None
            data = file.read(_LARGEST_TEXT + 1)
    except FileNotFoundError:
        return ""
    except OSError:
        return None
    if len(data) > _LARGEST_TEXT or b"\0" in data:
        return None
    return data.decode(errors="replace")


def status_data(status: Status) -> dict[str, Any]:
    """The state of the machine."""
    return {
        "toplevel": status.toplevel,
        "generation": status.generation,
        "running": status.running,
        "interrupted": status.interrupted,
        "files": status.files,
        "packages": status.packages,
        "units": [{"name": unit.name, "active": unit.active, "sub": unit.sub} for unit in status.units],
        "drift": [
            {"subject": drift.subject.value, "target": drift.target, "what": drift.what} for drift in status.drift
        ],
        "toConfirm": None if status.left is None else {"generation": status.waiting, "secondsLeft": round(status.left)},
        "atNextBoot": None
        if status.at_boot is None
        else {
            "reason": status.at_boot.reason,
            "toplevel": status.at_boot.toplevel,
            "generation": status.at_boot.number,
        },
    }
