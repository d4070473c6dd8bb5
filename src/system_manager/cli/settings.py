"""Options that every verb takes, wherever they stand on the command line."""

from __future__ import annotations

import os

from system_manager.base.enumerations import Enum
from system_manager.base.records import FIELDS, record
from system_manager.base.type_hints import Any, Mapping
from system_manager.cli.command_line import HELP, Argument, Option, flag


class Colour(Enum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@record()
class Settings:
    """What the common options say. One instance lives as long as the command."""

    json: bool = False
    verbose: bool = False
    show_trace: bool = False
    colour: Colour = Colour.AUTO
    root: str = "/"
    store: str | None = None

    def take(self, given: Mapping[str, object]) -> None:
        """Set the fields whose keys are among the values of options."""
        for key, value in given.items():
            if key in _FIELDS:
                setattr(self, key, value)

    @property
    def store_root(self) -> str:
        """The directory that has ``nix/store`` below it."""
        return self.root if self.store is None else self.store

    def coloured(self, stream: Any) -> bool:
        """Whether text for this stream gets colour: as asked, else on a terminal unless ``NO_COLOR`` is set."""
        if self.colour is not Colour.AUTO:
            return self.colour is Colour.ALWAYS
        return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and bool(stream.isatty())


_FIELDS = frozenset(getattr(Settings, FIELDS))


def _directory(text: str) -> str:
    if not text:
        raise ValueError("the name is empty")
    from pathlib import Path

    # Not resolved: the store prints and compares paths below it as they were given.
    return str(Path(text).absolute())


def _existing_directory(text: str) -> str:
    directory = _directory(text)
    if not os.path.isdir(directory):
        raise ValueError(f"there is no directory {directory}")
    return directory


def _colour(text: str) -> Colour:
    try:
        return Colour(text)
    except ValueError:
        choices = ", ".join(f"'{colour.value}'" for colour in Colour)
        raise ValueError(f"'{text}' is not one of {choices}") from None


COMMON_OPTIONS = (
    flag("--json", "Print the result as JSON, and events and errors as JSON lines on standard error."),
    Option(
        ("--root",),
        "root",
        "Work on the system mounted at DIR instead of this one. Its services are not touched.",
        metavar="DIR",
        convert=_existing_directory,
        argument=Argument.DIRECTORY,
    ),
    Option(
        ("--store",),
        "store",
        "Use the store below DIR (DIR/nix/store) instead of the machine's own.",
        metavar="DIR",
        convert=_directory,
        argument=Argument.DIRECTORY,
    ),
    Option(
        ("--color", "--colour"),
        "colour",
        "Colour: on a terminal (auto), always, or never.",
        metavar="[auto|always|never]",
        convert=_colour,
        choices=tuple(colour.value for colour in Colour),
    ),
    Option(("-v", "--verbose"), "verbose", "Show builds and every single change."),
)
"""Every one has the key of a field of :class:`Settings`."""

HELP_OPTION = Option(("-h", "--help"), HELP, "Show this message and exit.")
