"""Numbered generations: ``system-manager-3-link`` beside the profile ``system-manager`` that points to one of them.

The layout and the rules are those of ``nix-env --profile``: a new number is the highest one plus one, and
setting the path that the newest generation already has makes no new number. Every link is a root of the
store's garbage collector, because it is below ``/nix/var/nix/profiles``.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re

from system_manager.base.errors import SystemManagerError
from system_manager.base.files import AnyPath, sync_directory
from system_manager.base.records import record

DIRECTORY = "/nix/var/nix/profiles/system-manager-profiles"
NAME = "system-manager"


class ProfileError(SystemManagerError):
    """There is no such generation, or the profile is damaged."""


@record(frozen=True)
class Generation:
    """A numbered link.

    :ivar toplevel: the link's text.
    :ivar made: the link's own time.
    :ivar waiting: the machine was changed to it, and it is current when somebody confirms that.
    """

    number: int
    toplevel: str
    made: datetime.datetime
    current: bool
    waiting: bool = False


class Profile:
    """The links of one profile.

    :param directory: the real directory that holds them; need not exist as long as nothing is written.
    """

    def __init__(self, directory: AnyPath, *, name: str = NAME) -> None:
        self.directory = os.fspath(directory)
        self.name = name
        self.link = f"{self.directory}/{name}"
        self.waiting_name = f"{name}-waiting"
        self._pattern = re.compile(re.escape(name) + r"-([1-9][0-9]*)-link")

    def link_name(self, number: int) -> str:
        """The file name of a generation's link."""
        return f"{self.name}-{number}-link"

    def _numbered_link(self, number: int) -> str:
        return f"{self.directory}/{self.link_name(number)}"

    def numbers(self) -> list[int]:
        """The numbers of all generations, lowest first."""
        try:
            names = os.listdir(self.directory)
        except FileNotFoundError:
            return []
        return sorted(int(match[1]) for name in names if (match := self._pattern.fullmatch(name)))

    def current_number(self) -> int | None:
        """The number that the profile points to, or None when it points nowhere."""
        return self._number_at(self.link)

    def waiting_number(self) -> int | None:
        """The number of the generation that waits for being confirmed, if one does."""
        return self._number_at(f"{self.directory}/{self.waiting_name}")

    def _number_at(self, link: str) -> int | None:
        try:
            text = os.readlink(link)
        except OSError:
            return None
        match = self._pattern.fullmatch(text.rpartition("/")[2])
        return int(match[1]) if match else None

    def toplevel(self, number: int) -> str:
        """The store path of a generation. Raises :class:`ProfileError` when there is no such generation."""
        text = self._text(number)
        if text is None:
            raise ProfileError(
                f"there is no generation {number}",
                where=self._numbered_link(number),
                hint="'system-manager generations' lists those that exist",
            )
        return text

    def _text(self, number: int) -> str | None:
        try:
            return os.readlink(self._numbered_link(number))
        except OSError:
            return None

    def generations(self) -> list[Generation]:
        """All generations, lowest number first."""
        current, waiting = self.current_number(), self.waiting_number()
        found = []
        for number in self.numbers():
            if (toplevel := self._text(number)) is None:
                continue  # something else that somebody gave such a name
            made = os.lstat(self._numbered_link(number)).st_mtime
            moment = datetime.datetime.fromtimestamp(made).astimezone()
            found.append(Generation(number, toplevel, moment, number == current, number == waiting))
        return found

    def previous_number(self, active: str | None = None) -> int:
        """The highest number below the current one. Raises :class:`ProfileError` when there is none.

        :param active: the toplevel that counts as current when the profile points nowhere.
        """
        current = self.current_number()
        known = [one.number for one in self.generations()]
        if current is None and active is not None:
            current = next((number for number in reversed(known) if self._text(number) == active), None)
        older = [number for number in known if current is not None and number < current]
        if not older:
            raise ProfileError(
                "there is no older generation to go back to",
                where=self.link,
                hint="'system-manager generations' lists those that exist; choose one with --to",
            )
        return older[-1]

    def number_for(self, toplevel: str) -> int:
        """The number that ``toplevel`` gets, or already has as the current or as the newest generation."""
        numbers = self.numbers()
        for number in (self.current_number(), numbers[-1] if numbers else None):
            if number is not None and self._text(number) == toplevel:
                return number
        return numbers[-1] + 1 if numbers else 1

    def add(self, number: int, toplevel: str) -> None:
        """Make the numbered link unless it exists with this text. The profile itself is not moved."""
        os.makedirs(self.directory, exist_ok=True)
        link = self._numbered_link(number)
        try:
            os.symlink(toplevel, link)
        except FileExistsError:
            if os.readlink(link) != toplevel:
                raise ProfileError(f"generation {number} exists and is another one", where=link) from None
        sync_directory(self.directory)

    def remove(self, number: int) -> None:
        """Remove the numbered link; the profile must not point to it. Absent is fine."""
        if number == self.current_number():
            raise ProfileError(f"generation {number} is the current one and stays", where=self.link)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._numbered_link(number))
