"""Which configuration a verb is about: the options that name one, and where it is looked for without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from system_manager.base.errors import SystemManagerError

_Function = TypeVar("_Function", bound=Callable[..., Any])

FILE_NAME = "system.nix"


def configuration_options(function: _Function) -> _Function:
    """``--file``, ``-A``, ``-I`` and ``--show-trace``, for verbs that evaluate a configuration."""
    from system_manager.cli.evaluation_options import search_path_option, show_trace_option

    for option in (
        show_trace_option,
        search_path_option,
        click.option("-A", "--attr", metavar="ATTR", help="The attribute of the file that is the configuration."),
        click.option("-f", "--file", metavar="FILE", help="The configuration, or a directory with a system.nix."),
    ):
        function = option(function)
    return function


def find_configuration(file: str | None, root: Path) -> Path:
    """The configuration's file: the one named, else the first that exists.

    Looked for as ``system.nix`` in the working directory, in ``~/.config/system-manager`` and in
    ``/etc/system-manager`` of the machine at ``root``.
    """
    if file is not None:
        path = Path(file).absolute()
        found = path / FILE_NAME if path.is_dir() else path
        if not found.exists():
            raise SystemManagerError("there is no such configuration", where=str(found), hint=_INIT)
        return found
    places = [directory / FILE_NAME for directory in _directories(root)]
    for place in places:
        if place.exists():
            return place
    raise SystemManagerError(
        "no configuration was found",
        where=", ".join(str(place) for place in places),
        hint=f"name one with --file, or {_INIT}",
    )


_INIT = "write a first one with 'system-manager init'"


def _directories(root: Path) -> list[Path]:
    return [Path.cwd(), Path.home() / ".config/system-manager", root / "etc/system-manager"]
