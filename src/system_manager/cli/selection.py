"""Which configuration a verb is about: the options that name one, and where it is looked for without them."""

from __future__ import annotations

import os
from pathlib import Path

from system_manager.base.errors import SystemManagerError, UsageError
from system_manager.base.records import field, record
from system_manager.cli.command_line import (
    Argument,
    Group,
    Option,
    flag,
    named_file,
    positive_number,
    seconds,
    some_seconds,
)
from system_manager.cli.evaluation_options import SEARCH_PATH_OPTION
from system_manager.cli.language_settings import LANGUAGE_OPTIONS, LanguageSettings, language_settings
from system_manager.cli.places import home_directory

FILE_NAME = "system.nix"
_INIT = "write a first one with 'system-manager init'"


@record(frozen=True)
class Choice:
    """What the user said about the configuration.

    :ivar file: the file or directory named; None to look for one.
    :ivar attribute: the path of an attribute in the file, dots between names.
    :ivar search_path: ``NAME=PATH`` or ``PATH``, to be asked before ``NIX_PATH``.
    :ivar language: settings of the evaluation.
    :ivar store_path: a toplevel that is built already, instead of all the others.
    """

    file: str | None = None
    attribute: str | None = None
    search_path: tuple[str, ...] = ()
    language: LanguageSettings = field(default_factory=lambda: LanguageSettings({}))
    store_path: str | None = None

    def explicit_arguments(self, root: Path) -> list[str]:
        """Arguments that name the configuration for a user with another home, unless some do already."""
        if self.file is not None or self.store_path is not None:
            return []
        return ["--file", str(find_configuration(None, root))]


def _choose(
    file: str | None,
    attribute: str | None,
    search_path: tuple[str, ...],
    language: tuple[tuple[str, str], ...],
    store_path: str | None = None,
    **_: object,
) -> Choice:
    if store_path is not None and (file is not None or attribute is not None or search_path):
        raise UsageError("--store-path names what is built already", hint="leave --file, --attr and -I out")
    return Choice(file, attribute, search_path, language_settings(language), store_path)


CONFIGURATION = Group(
    "choice",
    _choose,
    (
        Option(
            ("-f", "--file"),
            "file",
            "The configuration, or a directory with a system.nix.",
            metavar="FILE",
            convert=named_file,
            argument=Argument.FILE,
        ),
        Option(
            ("-A", "--attr"),
            "attribute",
            "The attribute of the file to take.",
            metavar="ATTR",
            argument=Argument.ATTRIBUTE,
        ),
        SEARCH_PATH_OPTION,
        *LANGUAGE_OPTIONS,
    ),
)

CONFIGURATION_OR_TOPLEVEL = Group(
    "choice",
    _choose,
    (
        *CONFIGURATION.options,
        Option(
            ("--store-path",),
            "store_path",
            "A toplevel that is built already, instead of a configuration.",
            metavar="PATH",
            convert=named_file,
            argument=Argument.FILE,
        ),
    ),
)

CONFIRM_OPTION = Option(
    ("--confirm",),
    "confirm",
    "Go back after this time unless 'system-manager confirm' is said: for machines that could be cut off.",
    metavar="SECONDS",
    convert=positive_number,
)


def _time_limits(settle: float | None, unit_timeout: float | None) -> list[str]:
    given = (("--settle", settle), ("--unit-timeout", unit_timeout))
    return [word for name, value in given if value is not None for word in (name, f"{value:g}")]


TIME_LIMITS = Group(
    "limits",
    _time_limits,
    (
        Option(
            ("--settle",),
            "settle",
            "How long a started service has to stay up, in place of system-manager.settleTime.",
            metavar="SECONDS",
            convert=seconds,
        ),
        Option(
            ("--unit-timeout",),
            "unit_timeout",
            "How long units may take to stop or to start, in place of system-manager.unitTimeout.",
            metavar="SECONDS",
            convert=some_seconds,
        ),
    ),
)
"""Their value is options of the engine."""


WAITING = Group(
    "waiting",
    lambda wait: [] if wait is None else ["--wait", f"{wait:g}"],
    (
        Option(
            ("--wait",),
            "wait",
            "How long to wait for another run that changes this machine, instead of giving up at once.",
            metavar="SECONDS",
            convert=seconds,
        ),
    ),
)
"""Its value is options of the engine."""


def confirmation(seconds: int | None) -> list[str]:
    """Options of the engine for what ``--confirm`` was given."""
    return [] if seconds is None else ["--confirm", str(seconds)]


EXIT_CODE_OPTION = flag("--exit-code", "End with 5 when there are differences, for use in scripts.")


def find_configuration(file: str | None, root: Path) -> Path:
    """The configuration's file: the one named, else the first that exists.

    Looked for as ``system.nix`` in the working directory, in ``~/.config/system-manager`` and in
    ``/etc/system-manager`` of the machine at ``root``.
    """
    if file is not None:
        path = Path(file).absolute()
        found = path / FILE_NAME if os.path.isdir(path) else path
        try:
            found.stat()
        except FileNotFoundError:
            raise SystemManagerError("there is no such configuration", where=str(found), hint=_INIT) from None
        except OSError as error:
            raise SystemManagerError(f"the configuration cannot be read: {error.strerror}", where=str(found)) from None
        return found
    places = [directory / FILE_NAME for directory in _directories(root)]
    for place in places:
        if os.path.isfile(place):
            return place
    where = ", ".join(str(place) for place in places)
    raise SystemManagerError("no configuration was found", where=where, hint=f"name one with --file, or {_INIT}")


def _directories(root: Path) -> list[Path]:
    return [Path.cwd(), Path(home_directory(), ".config/system-manager"), root / "etc/system-manager"]
