"""Moving the profile: the last change of a transaction, so that it only ever names what was reached."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.generation.profile import DIRECTORY, Profile
from system_manager.host import files
from system_manager.host.root import Root

GC_ROOT = "/nix/var/nix/gcroots/system-manager-current"


def profile_of(root: Root) -> Profile:
    """The profile of the machine under this root."""
    return Profile(Path(root.join(DIRECTORY)))


class SwitchProfile(msgspec.Struct, frozen=True, tag="switch-profile", omit_defaults=True):
    """Point the profile to generation ``number``, whose link is made when ``is_new``."""

    marked: ClassVar[bool] = True

    number: int
    toplevel: str
    is_new: bool
    previous_number: int | None
    previous_root: str | None

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.SWITCH, Subject.GENERATION, f"generation {self.number}", self.toplevel)]

    def apply(self, machine: Machine) -> None:
        """Make the numbered link, move the profile, and keep the toplevel from being collected."""
        profile = profile_of(machine.root)
        profile.add(self.number, self.toplevel)
        profile.switch(self.number)
        _keep_from_collection(machine, self.toplevel)

    def revert(self, machine: Machine) -> None:
        """Move the profile back, then remove the link if this transaction made it."""
        profile = profile_of(machine.root)
        if profile.current_number() != self.previous_number:
            profile.switch(self.previous_number)
        files.remove(str(profile.directory / f".{profile.name}.new"))
        if self.is_new:
            profile.remove(self.number)
        _keep_from_collection(machine, self.previous_root)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class KeepToplevel(msgspec.Struct, frozen=True, tag="keep-toplevel", omit_defaults=True):
    """Keep a toplevel that is active without being a generation from being collected."""

    marked: ClassVar[bool] = True

    toplevel: str
    previous_root: str | None

    def describe(self) -> list[Step]:
        """Nothing: the machine does not change by it."""
        return []

    def apply(self, machine: Machine) -> None:
        """Point the collector's root to it."""
        _keep_from_collection(machine, self.toplevel)

    def revert(self, machine: Machine) -> None:
        """Point it back."""
        _keep_from_collection(machine, self.previous_root)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def _keep_from_collection(machine: Machine, toplevel: str | None) -> None:
    path = machine.root.join(GC_ROOT)
    if toplevel is None:
        files.remove(path)
        files.remove(f"{path}.new")
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    files.put_link(path, toplevel, temporary=f"{path}.new")
    machine.note_entry(path)


def plan_keeping(root: Root, toplevel: str) -> KeepToplevel | None:
    """The change that keeps ``toplevel`` without making it a generation; None when it is kept."""
    root_text = _kept(root)
    return None if root_text == toplevel else KeepToplevel(toplevel, root_text)


def _kept(root: Root) -> str | None:
    seen = files.look(root.join(GC_ROOT))
    return seen.text if seen.kind == "link" else None


def plan_switch(root: Root, toplevel: str, number: int | None) -> SwitchProfile | None:
    """The change that makes ``toplevel`` the current generation; None when it is.

    :param number: an existing generation to go to, or None for the number that the rules give.
    """
    profile = profile_of(root)
    current = profile.current_number()
    chosen = profile.number_for(toplevel) if number is None else number
    is_new = chosen not in profile.numbers()
    root_text = _kept(root)
    if not is_new and chosen == current and root_text == toplevel:
        return None
    return SwitchProfile(chosen, toplevel, is_new, current, root_text)
