"""What System Manager owns on this machine: ``/var/lib/system-manager/state.json``.

The record is written at the very end of a transaction, in one rename, which is the moment at which the
transaction counts as done. It says of every file what we put there, so that an edit by somebody else is seen,
and of every unit what it was made of, so that the next activation can compare without the old generation.
"""

from __future__ import annotations

import enum
import os
import time

import msgspec

from system_manager.base.errors import SystemManagerError
from system_manager.base.files import Mode, write_all, write_atomically
from system_manager.generation import undecodable
from system_manager.generation.manifest import Unit
from system_manager.host import files
from system_manager.host.files import Seen
from system_manager.host.root import Root

STATE_VERSION = 1
DIRECTORY = "/var/lib/system-manager"
STATE_FILE = f"{DIRECTORY}/state.json"
JOURNAL_FILE = f"{DIRECTORY}/journal.json"
AT_BOOT_FILE = f"{DIRECTORY}/at-boot"
BOOT_UNIT_FILE = f"{DIRECTORY}/boot-unit.json"
UNDO_DIRECTORY = f"{DIRECTORY}/undo"
ORIGINALS_DIRECTORY = f"{DIRECTORY}/backups/originals"
EDITED_DIRECTORY = f"{DIRECTORY}/backups/edited"
RUNTIME_DIRECTORY = "/run/system-manager"
LOCK_FILE = f"{RUNTIME_DIRECTORY}/lock"
SOFTWARE_LINK = f"{RUNTIME_DIRECTORY}/sw"


class StateError(SystemManagerError):
    """The record cannot be read or written."""


class OwnedLink(msgspec.Struct, frozen=True, tag="link", omit_defaults=True):
    """A symbolic link that we made. ``original`` is the path of the backup of what was there before us."""

    text: str
    original: str | None = None


class OwnedCopy(msgspec.Struct, frozen=True, tag="copy", omit_defaults=True):
    """A regular file that we made.

    ``source`` and ``digest`` (SHA-256) say what is in it; ``mode``, ``user`` and ``group`` are what it was given.
    ``seen`` is how it looked right afterwards: as long as that is so, nobody has written to it.
    """

    source: str
    digest: str
    mode: int
    user: int
    group: int
    seen: Seen
    original: str | None = None


Owned = OwnedLink | OwnedCopy


class OriginalPackage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The version of a package that was on the machine before us. ``file`` is kept to put it back."""

    version: str
    architecture: str = ""
    file: str | None = None
    automatic: bool = False


class OwnedPackage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A distribution package that we installed, or brought to another version.

    ``file`` is the package file with which this version can be put back; ``asked`` is false for what came along as
    a dependency. ``original`` is set for a package that is not ours: it goes back to that version.
    """

    version: str
    architecture: str = ""
    sha256: str = ""
    file: str | None = None
    asked: bool = True
    original: OriginalPackage | None = None


class Locked(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an account was before we locked it.

    :ivar expires: field 8 of its line in shadow(5).
    :ivar prefixed: the password was made unusable by a ``!`` in front of it.
    """

    expires: str = ""
    prefixed: bool = False


class OwnedUser(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user that is in the configuration, or that we made once.

    :ivar created: we made it. Such a record stays for good, so that the number stays the account's.
    :ivar declared: it is in the active configuration.
    :ivar values: fields that the configuration decides (description, home, shell, gid, expires), as put there.
    :ivar originals: what those fields were on an account that is not ours.
    :ivar locked: set while an account of ours is not in the configuration.
    :ivar sub_uids: lines that we added to subuid(5); likewise ``sub_gids``.
    :ivar linger: whether user services lingered before we decided that; ``lingers`` is what was decided.
    :ivar has_home: the home is to be there.
    """

    uid: int
    created: bool = False
    declared: bool = True
    values: dict[str, str] = {}
    originals: dict[str, str] = {}
    locked: Locked | None = None
    sub_uids: tuple[str, ...] = ()
    sub_gids: tuple[str, ...] = ()
    linger: bool | None = None
    lingers: bool | None = None
    has_home: bool = False


class OwnedGroup(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group that is in the configuration, or that we made once. ``members`` are those whom we added."""

    gid: int
    created: bool = False
    declared: bool = True
    members: tuple[str, ...] = ()


class AtBoot(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the next boot changes the machine to, before anything starts.

    :ivar reason: the verb that asked for it: ``test`` or ``confirm`` (back to the generation), or ``boot`` (on to a
        new one).
    :ivar toplevel: None for a machine on which nothing is managed.
    :ivar number: the generation of the toplevel.
    """

    reason: str
    toplevel: str | None = None
    number: int | None = None


class Unconfirmed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The active toplevel is there for a time only, unless somebody confirms it.

    :ivar seconds: the time.
    :ivar toplevel: what is gone back to; None for nothing.
    :ivar at_boot: what the next boot was to change then.
    :ivar until: when the time is over, in seconds of the monotonic clock of the boot ``boot``.
    """

    seconds: float
    toplevel: str | None = None
    at_boot: AtBoot | None = None
    until: float = 0.0
    boot: str = ""

    def begin(self) -> Unconfirmed:
        """With the time running from now on."""
        return msgspec.structs.replace(self, until=time.monotonic() + self.seconds, boot=_boot())

    def left(self) -> float:
        """Seconds that are left; none after another boot."""
        return max(0.0, self.until - time.monotonic()) if self.boot == _boot() else 0.0


def _boot() -> str:
    """The identifier of this boot, see random(4)."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


class Recalled(enum.Enum):
    """What stands for a record that was lost."""

    COPIED = "copied"  # its copy
    DECLARED = "declared"  # what is there as the active generation declares it


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole record.

    :ivar transaction: identifier of the transaction that wrote it.
    :ivar toplevel: store path of what is active, None when nothing is.
    :ivar files: what we own, by logical path.
    :ivar directories: directories that we made, parents first.
    :ivar units: the units of the active manifest; ``user_units`` likewise.
    :ivar displaced: units of the distribution that ran when we masked or replaced them.
    :ivar packages: distribution packages that we installed, by name.
    :ivar kept: packages of the machine's own that were dependencies, and that the configuration asks for.
    :ivar pending: units that did not come up in an activation that was kept nevertheless.
    :ivar users: users that we made or changed, by name; ``groups`` likewise.
    :ivar at_boot: what the next boot changes the machine to; None to leave it as it is.
    :ivar unconfirmed: set while the active toplevel waits for being confirmed.
    :ivar left: the generation that was current when everything was taken back.
    :ivar taken_from: the program in whose record this was found; empty in every record of ours.
    :ivar recalled: our record was lost, and what stands for it; never in a record either.
    """

    version: int = STATE_VERSION
    transaction: str = ""
    toplevel: str | None = None
    files: dict[str, Owned] = {}
    directories: tuple[str, ...] = ()
    units: dict[str, Unit] = {}
    user_units: dict[str, Unit] = {}
    tmpfiles: tuple[str, ...] = ()
    displaced: tuple[str, ...] = ()
    packages: dict[str, OwnedPackage] = {}
    kept: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    users: dict[str, OwnedUser] = {}
    groups: dict[str, OwnedGroup] = {}
    at_boot: AtBoot | None = None
    unconfirmed: Unconfirmed | None = None
    left: int | None = None
    taken_from: str = ""
    recalled: Recalled | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing on this machine is ours."""
        return bool(self.taken_from) or not (self.toplevel or self.files or self.packages or self.at_boot)


START_AGAIN = "move it away and switch once more, which recognises what is there"
"""What to do when a record of ours is lost."""

DECODE = msgspec.json.Decoder(State)


def load_state(root: Root) -> State:
    """The record on disk, or an empty one on a machine that was never managed. Raises :class:`StateError`."""
    try:
        with open(root.join(STATE_FILE), "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return State()
    except OSError as error:
        raise StateError(
            f"the record of what is managed cannot be read: {error.strerror}",
            where=STATE_FILE,
            hint="run this as root",
        ) from None
    try:
        state = undecodable.decode(DECODE, data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(
            f"the record of what is managed is damaged: {error}",
            where=STATE_FILE,
            hint=f"restore the file from a backup, or {START_AGAIN}; the originals of replaced files stay in "
            f"{ORIGINALS_DIRECTORY}",
        ) from None
    if state.version != STATE_VERSION:
        raise StateError(
            f"the record of what is managed has version {state.version}, and this program knows {STATE_VERSION}",
            where=STATE_FILE,
            hint="use the version of System Manager that wrote it, or a newer one",
        )
    return state


def write_state(root: Root, state: State) -> None:
    """Replace the record in one durable step. Raises OSError."""
    path = root.join(STATE_FILE)
    write_atomically_as(path, f"{path}.new", undecodable.encode(state))


def prepare_state(root: Root, state: State) -> str:
    """Write the record that :func:`put_state` will put in its place; returns its real path. Not durable.

    Raises OSError; nothing is left then.
    """
    path = f"{root.join(STATE_FILE)}.new"
    with files.filled(path, files.new_temporary(path)) as descriptor:
        write_all(descriptor, undecodable.encode(state))
    return path


def put_state(root: Root) -> None:
    """Replace the record by the one that was prepared, in one step. Raises OSError."""
    path = root.join(STATE_FILE)
    os.rename(f"{path}.new", path)


def write_atomically_as(path: str, temporary: str, data: bytes) -> None:
    """Replace a file of ours, readable by root alone, through a temporary name that recovery knows."""
    write_atomically(path, data, mode=Mode(0o600), temporary=temporary)


def make_directories(root: Root) -> None:
    """Make the directory of the record; its content may be secret, so it is root's alone."""
    path = root.join(DIRECTORY)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.isdir(path):
        os.mkdir(path, 0o700)
    elif os.stat(path).st_mode & 0o077:  # another program made it
        os.chmod(path, 0o700)
