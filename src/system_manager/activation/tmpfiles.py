"""Directories and files that ``systemd-tmpfiles`` makes (tmpfiles.d(5)).

Only rules whose file changed are applied, and only ``--create``: removing what a rule names (``D``, ``R``) is for
the boot, not for every switch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from system_manager.activation import tmpfiles_undo
from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.activation.tmpfiles_rules import made_by_rules, parse_rules
from system_manager.activation.tmpfiles_undo import Before
from system_manager.base.events import Warned
from system_manager.base.process import run
from system_manager.host.root import LinkLoopError, Root

# EX_DATAERR and EX_CANTCREAT: some line could not be carried out, as systemd's own units accept it.
_SUCCESS = frozenset({0, 65, 73})


class CreateTmpfiles(msgspec.Struct, frozen=True, tag="tmpfiles", omit_defaults=True):
    """Apply these rule files (paths in the configuration).

    :ivar absent: paths that the rules may make and that were not there, links above them followed, parents first.
    :ivar before: what was there and may change.
    """

    marked: ClassVar[bool] = True

    paths: tuple[str, ...]
    absent: tuple[str, ...] = ()
    before: tuple[Before, ...] = ()

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.RUN, Subject.COMMAND, "systemd-tmpfiles --create", " ".join(self.paths))]

    def apply(self, machine: Machine) -> None:
        """Run the program of the distribution. Rules that it could not carry out are told, and the others hold."""
        tmpfiles_undo.keep(machine, self.before)
        result = run(["systemd-tmpfiles", "--create", *self.paths], success=_SUCCESS, timeout_seconds=300)
        for line in result.errors.splitlines() if result.status != 0 else ():
            machine.observer.notify(Warned(f"systemd-tmpfiles: {line}"))
        tmpfiles_undo.note_made(machine, self.absent)

    def revert(self, machine: Machine) -> None:
        """Remove what appeared, and put back what was there."""
        tmpfiles_undo.remove_made(machine, self.absent)
        tmpfiles_undo.put_back(machine, self.before)

    def finish(self, machine: Machine) -> None:
        """Drop what was kept."""
        tmpfiles_undo.forget(machine, self.before)


def are_applied(root: Root) -> bool:
    """Whether rules hold here: in an image they do from its first boot on, and without /proc nothing is done."""
    return root.is_live and os.path.exists("/proc/self")


def plan_tmpfiles(paths: Sequence[str], texts: Sequence[str], *, root: Root) -> CreateTmpfiles:
    """The change that applies the rule files ``paths``, whose contents are ``texts``."""
    absent: set[str] = set()
    for text in texts:
        for made in made_by_rules(text):
            directory, _, name = made.rpartition("/")
            try:
                path = f"{root.resolve(directory).rstrip('/')}/{name}"
            except LinkLoopError:
                continue  # nothing can be made there
            while path != "/" and not os.path.lexists(root.join(path)):
                absent.add(path)
                path = os.path.dirname(path)
    rules = [rule for text in texts for rule in parse_rules(text)]
    return CreateTmpfiles(tuple(paths), tuple(sorted(absent)), tmpfiles_undo.look_before(root, rules))
