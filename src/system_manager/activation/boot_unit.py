"""``system-manager-recover.service``: what a killed run left is dealt with at the next boot, before anything starts.

The unit is the engine's, not a configuration's: it has to be there before the first change of the first activation
and until after the last change of the last one, and it has to name the program that wrote the journal. So it is
put in place, on disk, before a journal is opened, and goes when nothing is managed any more.
"""

from __future__ import annotations

import contextlib
import os
import sys

import msgspec

from system_manager.activation.state import (
    AT_BOOT_FILE,
    BOOT_UNIT_FILE,
    JOURNAL_FILE,
    make_directories,
    write_atomically_as,
)
from system_manager.base.files import sync_directory, write_all
from system_manager.host import files
from system_manager.host.root import Root

UNIT = "system-manager-recover.service"
_DIRECTORY = "/etc/systemd/system"
_WANTS = f"{_DIRECTORY}/sysinit.target.wants"
PATHS = (f"{_DIRECTORY}/{UNIT}", f"{_WANTS}/{UNIT}")
"""Where it is put, and what has it started."""

_TEXT = """\
# Made by System Manager; it goes with the last thing that is managed.

[Unit]
Description=Change to the generation of System Manager that this boot is to have
DefaultDependencies=no
ConditionPathExists=|{journal}
ConditionPathExists=|{at_boot}
After=local-fs.target
Before=sysinit.target systemd-tmpfiles-setup.service systemd-sysctl.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart={command}
TimeoutStartSec=30min
"""


class _Made(msgspec.Struct, frozen=True):
    """Directories that were made for the unit, parents first (logical paths)."""

    directories: tuple[str, ...]


def install(root: Root) -> dict[str, bool]:
    """Put the unit in place unless it is. Raises OSError.

    Returns the real paths of the entries that are new, and whether they have content that is new, too: all of it has to
    be flushed before anything is changed.
    """
    unit, link, text = _unit(root), _link(root), _text(root)
    if _is_in_place(unit, link, text):
        return {}
    _make_directories(root)
    temporary = f"{unit}.new"
    with files.filled(temporary, files.new_temporary(temporary)) as descriptor:
        write_all(descriptor, text)
        os.fchmod(descriptor, 0o644)
        if os.path.lexists(unit):
            os.fsync(descriptor)  # the next boot may need what is replaced
        else:
            files.write_soon(descriptor)
    os.rename(temporary, unit)
    files.put_link(link, f"../{UNIT}", temporary=f"{link}.new")
    return {unit: True, link: False}


def remove(root: Root) -> bool:
    """Take the unit away, and the directories that were made for it. Returns whether it was there. Raises OSError."""
    unit, link = _unit(root), _link(root)
    found = os.path.lexists(unit) or os.path.lexists(link)
    for path in (link, unit):
        files.remove(path)
    tidy(root)
    for directory in reversed(_made(root)):
        # What somebody else put something into stays.
        with contextlib.suppress(FileNotFoundError):
            if not os.listdir(root.real(directory)):
                os.rmdir(root.real(directory))
    files.remove(root.join(BOOT_UNIT_FILE))
    files.remove(f"{root.join(BOOT_UNIT_FILE)}.new")
    return found


def tidy(root: Root) -> None:
    """Remove what a run left that was killed while it put another text in place. Raises OSError."""
    for path in (_unit(root), _link(root)):
        files.remove(f"{path}.new")


def announce(root: Root) -> None:
    """Have the next boot start the unit although no run was interrupted; on disk afterwards. Raises OSError."""
    if not os.path.exists(root.join(AT_BOOT_FILE)):
        write_atomically_as(root.join(AT_BOOT_FILE), f"{root.join(AT_BOOT_FILE)}.new", b"")


def withdraw(root: Root) -> None:
    """Take :func:`announce` back. Raises OSError."""
    files.remove(root.join(AT_BOOT_FILE))
    files.remove(f"{root.join(AT_BOOT_FILE)}.new")


def missing_program(root: Root) -> str | None:
    """The Python that the unit names, if the system does not have it: an image has its own programs."""
    return None if os.path.exists(root.join(sys.executable)) else sys.executable


def is_missing(root: Root) -> bool:
    """Whether a power cut now would not be dealt with at the next boot."""
    return not (os.path.lexists(_unit(root)) and os.path.lexists(_link(root)))


def _unit(root: Root) -> str:
    return f"{root.real(_DIRECTORY)}/{UNIT}"


def _link(root: Root) -> str:
    return f"{root.real(_WANTS)}/{UNIT}"


def _is_in_place(unit: str, link: str, text: bytes) -> bool:
    try:
        with open(unit, "rb") as file:
            return file.read() == text and os.readlink(link) == f"../{UNIT}"
    except OSError:
        return False


def engine_command(root: Root, *arguments: str) -> list[str]:
    """The command that starts this engine on the running machine with a verb and its options."""
    store = ["--store-root", root.store_prefix] if root.is_live and root.store_prefix else []
    return [sys.executable, "-P", "-m", "system_manager.activation", *arguments, *store]


def _text(root: Root) -> bytes:
    command = " ".join(map(_quoted, engine_command(root, "recover", "--boot")))
    return _TEXT.format(journal=JOURNAL_FILE, at_boot=AT_BOOT_FILE, command=command).encode(errors="surrogateescape")


def _quoted(word: str) -> str:
    """As a word of a command line in a unit (systemd.service(5), "Command lines")."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if escaped != word or " " in word else word


def _make_directories(root: Root) -> None:
    missing = []
    directory = _WANTS
    while directory and not os.path.isdir(root.real(directory)):
        missing.append(directory)
        directory = directory.rpartition("/")[0]
    if not missing:
        return
    make_directories(root)
    # Written before they are made: a killed run must not leave directories that nobody knows of.
    made = _Made(tuple(dict.fromkeys([*_made(root), *reversed(missing)])))
    record = root.join(BOOT_UNIT_FILE)
    write_atomically_as(record, f"{record}.new", msgspec.json.encode(made))
    for directory in reversed(missing):
        os.mkdir(root.real(directory), 0o755)
        sync_directory(os.path.dirname(root.real(directory)))


def _made(root: Root) -> tuple[str, ...]:
    try:
        with open(root.join(BOOT_UNIT_FILE), "rb") as file:
            return msgspec.json.decode(file.read(), type=_Made).directories
    except (OSError, msgspec.MsgspecError):
        return ()
