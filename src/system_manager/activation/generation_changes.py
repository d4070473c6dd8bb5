"""The links that say which generation is current: the last change of a transaction, so that they only ever name what
was reached."""

from __future__ import annotations

import enum
import os
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.generation.profile import DIRECTORY, Profile
from system_manager.host import files
from system_manager.host.root import Root

GC_ROOT = "/nix/var/nix/gcroots/system-manager-current"
"""Keeps what is active from being collected, a generation or not."""

BEFORE_ROOT = "/nix/var/nix/gcroots/system-manager-before"
"""Keeps what an unconfirmed change would go back to."""

NEXT_ROOT = "/nix/var/nix/gcroots/system-manager-next"
"""Keeps what the next boot goes to: its generation may be deleted until then, as by ``nix-collect-garbage -d``."""

ROOTS = (GC_ROOT, BEFORE_ROOT, NEXT_ROOT)


def keep_for_boot(machine: Machine, toplevel: str | None) -> None:
    """Keep a toplevel from being collected until :func:`drop_for_boot`. Raises OSError."""
    _put(machine, NEXT_ROOT, toplevel)


def drop_for_boot(root: Root) -> None:
    """Nothing is chosen for the next boot any more. Raises OSError."""
    files.remove(root.join(NEXT_ROOT))


def profile_of(root: Root) -> Profile:
    """The profile of the machine under this root."""
    return Profile(root.join(DIRECTORY))


class Selection(enum.Enum):
    """What an activation is to the profile."""

    CURRENT = "current"  # its generation is the current one from then on
    WAITING = "waiting"  # its generation is made, and is current when somebody confirms it
    NONE = "none"  # the profile stays where it is


class Link(msgspec.Struct, frozen=True):
    """A symbolic link and what it becomes: its texts, None for no link. The path is logical."""

    path: str
    before: str | None
    after: str | None


class SelectGeneration(msgspec.Struct, frozen=True, tag="select-generation", omit_defaults=True):
    """Change the links of the profile, and those that keep store paths from being collected.

    :ivar step: what the plan shows; None when the current generation stays.
    :ivar brings_store_paths: something is pointed to that may have been made a moment ago.
    """

    marked: ClassVar[bool] = False

    links: tuple[Link, ...]
    step: Step | None = None
    brings_store_paths: bool = False

    def describe(self) -> list[Step]:
        """One line, or none."""
        return [] if self.step is None else [self.step]

    def apply(self, machine: Machine) -> None:
        """One link after the other, each in one step."""
        for link in self.links:
            _put(machine, link.path, link.after)

    def revert(self, machine: Machine) -> None:
        """The same, the other way round."""
        for link in reversed(self.links):
            _put(machine, link.path, link.before)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def _put(machine: Machine, path: str, text: str | None) -> None:
    real = machine.root.join(path)
    directory, _, name = real.rpartition("/")
    temporary = f"{directory}/.{name}.new"
    if files.look(real).text == (text or "") and not os.path.lexists(temporary):
        return
    if text is None:
        files.remove(real)
        files.remove(temporary)
    else:
        os.makedirs(directory, exist_ok=True)
        files.put_link(real, text, temporary=temporary)
    machine.note_entry(real)


def plan_selection(
    root: Root,
    toplevel: str | None,
    selection: Selection,
    *,
    number: int | None = None,
    before: str | None = None,
) -> SelectGeneration | None:
    """The change of links that goes with activating ``toplevel`` (None: nothing); None when there is none.

    :param number: the generation to go to if it is this toplevel's, or None for the number that the rules give.
    :param before: with ``WAITING``, the toplevel that is gone back to without a confirmation.
    """
    profile = profile_of(root)
    current = profile.current_number()
    wanted: dict[str, str | None] = {}
    step = None
    profile_link = f"{DIRECTORY}/{profile.name}"
    if toplevel is not None and selection is not Selection.NONE:
        # It may have been deleted since it was chosen, and another one have got its number.
        known = number is not None and _text(root, f"{DIRECTORY}/{profile.link_name(number)}") in {None, toplevel}
        chosen = number if known and number is not None else profile.number_for(toplevel)
        wanted[f"{DIRECTORY}/{profile.link_name(chosen)}"] = toplevel
        if selection is Selection.WAITING:
            wanted[f"{DIRECTORY}/{profile.waiting_name}"] = profile.link_name(chosen)
        elif chosen != current:
            wanted[profile_link] = profile.link_name(chosen)
        step = Step(Action.SWITCH, Subject.GENERATION, f"generation {chosen}", toplevel)
    elif toplevel is None and selection is Selection.CURRENT:
        wanted[profile_link] = None
    if selection is not Selection.WAITING:
        wanted[f"{DIRECTORY}/{profile.waiting_name}"] = None
    wanted[GC_ROOT] = toplevel
    wanted[BEFORE_ROOT] = before
    links = [Link(path, _text(root, path), after) for path, after in wanted.items()]
    changed = tuple(link for link in links if link.before != link.after)
    if all(link.path in (GC_ROOT, BEFORE_ROOT) for link in changed):
        step = None
    brings = toplevel is not None and any(link.after == toplevel for link in changed)
    return SelectGeneration(changed, step, brings) if changed else None


def _text(root: Root, path: str) -> str | None:
    seen = files.look(root.join(path))
    return seen.text if seen.kind == "link" else None
