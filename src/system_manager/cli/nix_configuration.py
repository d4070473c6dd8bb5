"""Settings that were made for Nix on this machine: its configuration files, and the variable ``NIX_CONFIG``.

The files, their order and their syntax are those of nix.conf(5).
"""

from __future__ import annotations

import os

from system_manager.base.errors import SystemManagerError
from system_manager.base.type_hints import Iterator

_MAXIMUM_INCLUDES = 100
"""Files that include one another: Nix reads such files until its stack ends."""


def configured_settings() -> Iterator[tuple[str, str]]:
    """Names and values in the order in which they are made; names are not checked.

    :raises SystemManagerError: for a line that is no setting, and for a file that is included but not there.
    """
    environment = os.environ
    yield from _read_file(os.path.join(environment.get("NIX_CONF_DIR") or "/etc/nix", "nix.conf"), 0)
    for file in reversed(_user_files()):
        yield from _read_file(file, 0)
    text = environment.get("NIX_CONFIG")
    if text:
        yield from _read(text, "NIX_CONFIG", 0)


def _user_files() -> list[str]:
    """The files of the user, the strongest first."""
    files = os.environ.get("NIX_USER_CONF_FILES")
    if files is not None:
        return [file for file in files.split(":") if file]
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.environ.get("HOME", "/"), ".config")
    others = os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
    return [os.path.join(directory, "nix", "nix.conf") for directory in (home, *others) if directory]


def _read_file(file: str, depth: int) -> Iterator[tuple[str, str]]:
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as opened:
            text = opened.read()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    yield from _read(text, file, depth)


def _read(text: str, file: str, depth: int) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if words[0] in ("include", "!include") and len(words) == 2:
            yield from _include(words[1], file, number, depth, optional=words[0] == "!include")
        elif len(words) > 1 and words[1] == "=":
            yield words[0], " ".join(words[2:])
        else:
            raise SystemManagerError(
                f"syntax error in configuration line '{line.strip()}'",
                where=f"{file}:{number}",
                hint="a setting is written NAME = VALUE",
            )


def _include(name: str, file: str, number: int, depth: int, *, optional: bool) -> Iterator[tuple[str, str]]:
    path = os.path.join(os.path.dirname(file), name)
    if not os.path.exists(path) and not optional:
        raise SystemManagerError(
            f"included file '{path}' not found",
            where=f"{file}:{number}",
            hint="correct the name, or write !include for a file that may be missing",
        )
    if depth == _MAXIMUM_INCLUDES:
        raise SystemManagerError(
            f"'{path}' is included too deeply", where=f"{file}:{number}", hint="look for files that include each other"
        )
    yield from _read_file(path, depth + 1)
