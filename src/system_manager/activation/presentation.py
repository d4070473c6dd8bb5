"""Plans and states as plain data, for whoever draws them: the last line of the engine's output."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import Any

import msgspec

from system_manager.activation.change import Action, Step, Subject
from system_manager.activation.file_changes import is_secret
from system_manager.activation.plan import Plan
from system_manager.activation.status import Status
from system_manager.base.errors import SystemManagerError
from system_manager.host.root import Root

_LARGEST_TEXT = 256 * 1024
_NULL = os.makedev(1, 3)  # null(4)


class Line(msgspec.Struct, frozen=True):
    """One line of a plan. ``diff`` is a unified diff, or None where there is no text to compare."""

    action: Action
    subject: Subject
    target: str
    detail: str
    reason: str
    diff: str | None


def lines_of(plan: Plan, *, diffs_in: Root | None = None) -> list[Line]:
    """The lines of a plan; with the root of the machine also the differences of texts."""
    return [
        Line(
            step.action,
            step.subject,
            step.target,
            step.detail,
            step.reason,
            None if diffs_in is None else _diff(step, diffs_in),
        )
        for step in plan.steps()
    ]


def plan_data(plan: Plan, lines: Sequence[Line]) -> dict[str, Any]:
    """The whole plan."""
    return {
        "toplevel": plan.target.toplevel,
        "steps": lines,
        "notices": plan.notices,
        "conflicts": [{"target": conflict.target, "why": conflict.why} for conflict in plan.conflicts],
        "warnings": list(plan.target.manifest.warnings),
        "leftToDistribution": list(plan.target.manifest.left_to_distribution),
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
