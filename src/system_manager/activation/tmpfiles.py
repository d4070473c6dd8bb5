"""Directories and files that ``systemd-tmpfiles`` makes (tmpfiles.d(5)).

Only rules whose file changed are applied, and only ``--create``: removing what a rule names (``D``, ``R``) is for
the boot, not for every switch.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.base.events import Warned
from system_manager.base.process import run
from system_manager.host.root import Root

_MAKES_DIRECTORY = frozenset("dDvqQ")
_MAKES_OTHER = frozenset("fFpLcb")
_ADJUSTS = frozenset("ezZmaAhHtT")
# EX_DATAERR and EX_CANTCREAT: some line could not be carried out, as systemd's own units accept it.
_SUCCESS = frozenset({0, 65, 73})


class CreateTmpfiles(msgspec.Struct, frozen=True, tag="tmpfiles", omit_defaults=True):
    """Apply these rule files (paths in the configuration).

    :ivar absent: paths that the rules may make and that were not there, parents first.
    """

    marked: ClassVar[bool] = True

    paths: tuple[str, ...]
    absent: tuple[str, ...] = ()

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.RUN, Subject.COMMAND, "systemd-tmpfiles --create", " ".join(self.paths))]

    def apply(self, machine: Machine) -> None:
        """Run the program of the distribution. Rules that it could not carry out are told, and the others hold."""
        result = run(["systemd-tmpfiles", "--create", *self.paths], success=_SUCCESS, timeout_seconds=300)
        for line in result.errors.splitlines() if result.status != 0 else ():
            machine.observer.notify(Warned(f"systemd-tmpfiles: {line}"))

    def revert(self, machine: Machine) -> None:
        """Remove what appeared, as long as it is empty."""
        for path in reversed(self.absent):
            real = machine.root.join(path)
            try:
                if os.path.islink(real) or (os.path.isfile(real) and os.path.getsize(real) == 0):
                    os.unlink(real)
                elif os.path.isdir(real):
                    os.rmdir(real)
            except OSError:
                # Somebody uses it already: it stays, as after a rule was taken out of the configuration.
                continue

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def are_applied(root: Root) -> bool:
    """Whether rules hold here: in an image they do from its first boot on, and without /proc nothing is done."""
    return root.is_live and os.path.exists("/proc/self")


def missing(root: Root, path: str) -> list[str]:
    """Directories and links that the rules in a file (logical path) make for good, and that are not there.

    Other files are often made to be consumed: that they are gone says nothing.
    """
    lasting = _made(_text(root, path), _MAKES_DIRECTORY | {"L"})
    return [made for made in lasting if not os.path.lexists(root.join(made))]


def named(root: Root, path: str) -> list[str]:
    """Directories whose modes and owners the rules in a file (logical path) decide on."""
    return _made(_text(root, path), _MAKES_DIRECTORY | _ADJUSTS)


def _text(root: Root, path: str) -> str:
    try:
        with open(root.real(path), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def made_by_rules(text: str) -> list[str]:
    """The paths that the rules in ``text`` create, without those that hold specifiers or wildcards."""
    return _made(text, _MAKES_DIRECTORY | _MAKES_OTHER)


def _made(text: str, kinds: frozenset[str]) -> list[str]:
    found = []
    for line in text.splitlines():
        try:
            fields = shlex.split(line, comments=True)
        except ValueError:
            continue
        if len(fields) < 2 or not fields[0] or "!" in fields[0]:
            continue
        kind, path = fields[0][0], fields[1]
        if kind in kinds and path.startswith("/") and not any(c in path for c in "%*?[\\"):
            found.append(os.path.normpath(path))
    return found


def plan_tmpfiles(paths: Sequence[str], texts: Sequence[str], *, root: Root) -> CreateTmpfiles:
    """The change that applies the rule files ``paths``, whose contents are ``texts``."""
    absent: set[str] = set()
    for text in texts:
        for made in made_by_rules(text):
            path = made
            while path != "/" and not os.path.lexists(root.join(path)):
                absent.add(path)
                path = os.path.dirname(path)
    return CreateTmpfiles(tuple(paths), tuple(sorted(absent)))
