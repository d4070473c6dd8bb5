"""``init``: a first configuration to edit."""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

from system_manager.base.errors import SystemManagerError, UsageError
from system_manager.cli.command_line import Argument, Operands, verb
from system_manager.cli.places import home_directory
from system_manager.cli.settings import Settings

FILE_NAME = "system.nix"


@verb(
    "Write a first configuration.",
    Operands("directories", "[DIR]", limit=1, argument=Argument.DIRECTORY),
)
def command(settings: Settings, *, directories: tuple[str, ...]) -> None:
    """Write a first configuration to DIR (default: ~/.config/system-manager).

    A configuration that is there already is kept.
    """
    from system_manager.base.files import Mode, write_atomically

    if directories == ("",):
        raise UsageError("the name of the directory is empty", hint="leave it out for ~/.config/system-manager")
    home = Path(directories[0] if directories else f"{home_directory()}/.config/system-manager")
    file = home.absolute() / FILE_NAME
    written = False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            template = resources.files("system_manager.cli") / "templates" / FILE_NAME
            write_atomically(file, template.read_bytes(), mode=Mode(0o644))
            written = True
    except OSError as error:
        raise SystemManagerError(
            f"the configuration cannot be written: {error.strerror}",
            where=str(file),
            hint="name a directory that you may write to: system-manager init DIR",
        ) from None
    if settings.json:
        import json

        sys.stdout.write(json.dumps({"file": str(file), "written": written}) + "\n")
    elif written:
        sys.stderr.write(f"Wrote {file}. Edit it, then see what it would change: system-manager plan\n")
    else:
        sys.stderr.write(f"{file} is there already and was kept.\n")
