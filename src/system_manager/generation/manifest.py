"""The contract between the two halves: ``manifest.json`` of a toplevel, as frozen types.

Everything that activation knows about the desired state is in this file. It is data from outside: whatever it
holds is checked here, once, and every later module may rely on it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Annotated

import msgspec

from system_manager.base.errors import SystemManagerError
from system_manager.base.files import AnyPath, parse_mode

SCHEMA_VERSION = 1
"""The only version that this program reads. The library writes the same number."""

FILE_NAME = "manifest.json"

# As text: few runs of the engine need more than one of them, and compiling one takes as long as reading many files.
_UNIT_NAME = r"[A-Za-z0-9:_.\\@%-]+\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)"
# As useradd(8) and NixOS: nothing that another program could take for a number or an option.
_ACCOUNT_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*\$?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOME_MODE = r"[0-7]{1,5}"
_URL = r"https?://[^\s/?#]+[!-~]*"
_LONGEST_ACCOUNT_NAME = 32  # with its end, utmp(5) has no room for more
_NO_ID = 2**16 - 1  # what (uid_t) -1 was once; systemd takes it for no user's
_LARGEST_ID = 2**32 - 2  # 2^32-1 means "no id" to chown(2)
_LONGEST_UNIT_NAME = 255
_LONGEST_FILE_NAME = 255
_LONGEST_PATH = 4095


class ManifestError(SystemManagerError):
    """A manifest cannot be read, or does not say what a manifest has to say."""


class _Record(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Names are camel case in the file and snake case here."""


class LinkFile(_Record, frozen=True, tag_field="kind", tag="link"):
    """A symbolic link at ``target`` with the text ``source``.

    ``source`` is a store path (file or directory), ``/dev/null`` for a masked unit, or relative text such as
    ``../foo.service``.
    """

    target: str
    source: str
    replace_existing: bool = False


class CopyFile(_Record, frozen=True, tag_field="kind", tag="copy"):
    """A regular file at ``target`` with the content of ``source``.

    ``user`` and ``group`` are names, or numbers with or without a leading ``+``; names are looked up when the
    file is placed. ``mode`` is octal text.
    """

    target: str
    source: str
    mode: str = "0644"
    user: str = "root"
    group: str = "root"
    replace_existing: bool = False


File = LinkFile | CopyFile


class Unit(_Record, frozen=True):
    """What systemd is told about one unit.

    ``fragment`` is the unit file in the store, or None when only drop-ins are ours (or nothing but the links
    that want it). The links themselves are listed in :attr:`Manifest.files`.
    """

    fragment: str | None = None
    drop_ins: tuple[str, ...] = ()
    masked: bool = False
    wanted_by: tuple[str, ...] = ()
    required_by: tuple[str, ...] = ()
    upheld_by: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def pulled_in_by(self) -> tuple[str, ...]:
        """Every unit that starts this one when it is started itself."""
        return (*self.wanted_by, *self.required_by, *self.upheld_by)


class IdRange(_Record, frozen=True):
    """Subordinate ids from ``start`` on."""

    start: int
    count: int = 1


class User(_Record, frozen=True):
    """A user as the options of NixOS say it, keyed by name.

    :ivar normal: a person's account, whose number is from another range than a service's.
    :ivar given: the fields (in the manifest's spelling) that the configuration itself sets. The others hold
        defaults, which count when the account is made and never change one that was there before.
    :ivar shell: None leaves it as it is.
    :ivar home_mode: octal text, for a home that is made.
    :ivar expires: the day, YYYY-MM-DD.
    """

    normal: bool = False
    uid: int | None = None
    group: str = ""
    extra_groups: tuple[str, ...] = ()
    description: str = ""
    home: str = "/var/empty"
    shell: str | None = None
    given: tuple[str, ...] = ()
    create_home: bool = False
    home_mode: str = "700"
    password: str | None = None
    hashed_password: str | None = None
    hashed_password_file: str | None = None
    initial_password: str | None = None
    initial_hashed_password: str | None = None
    expires: str | None = None
    sub_uid_ranges: tuple[IdRange, ...] = ()
    sub_gid_ranges: tuple[IdRange, ...] = ()
    auto_sub_uid_gid_range: bool = False
    linger: bool | None = None


class Group(_Record, frozen=True):
    """A group, keyed by name. ``members`` are in it besides whoever has it as the primary group."""

    gid: int | None = None
    members: tuple[str, ...] = ()


Seconds = Annotated[float, msgspec.Meta(ge=0, le=86400)]
"""A span of time of at most a day."""


class HealthCheck(_Record, frozen=True):
    """What has to work before an activation counts as done: either a script or a URL.

    :ivar script: path of a program, run as root; a status other than 0 is a failure.
    :ivar url: an ``http`` or ``https`` URL, which has to answer with ``expected_status``.
    :ivar retries: how many times a check that failed is tried again, ``interval`` apart.
    :ivar timeout: how long one try may take.
    """

    name: str
    script: str | None = None
    url: str | None = None
    expected_status: Annotated[int, msgspec.Meta(ge=100, le=599)] = 200
    retries: Annotated[int, msgspec.Meta(ge=0, le=10000)] = 0
    interval: Seconds = 1
    timeout: Seconds = 10


class PreActivationCheck(_Record, frozen=True):
    """A script of the configuration's author; a status other than 0 refuses the activation."""

    name: str
    script: str


class Manifest(_Record, frozen=True):
    """One desired state of a machine.

    :ivar mutable_users: whether what somebody else does to declared accounts, and to accounts of ours, is theirs.
    :ivar user_units: units of the service managers of users.
    :ivar settle_time: how long a service that was started has to stay up if its type does not tell when it is up.
    :ivar unit_timeout: how long units may take to stop, or to start; None for the engine's own limit.
    """

    version: int
    system: str = ""
    files: tuple[File, ...] = ()
    units: dict[str, Unit] = {}
    user_units: dict[str, Unit] = {}
    users: dict[str, User] = {}
    groups: dict[str, Group] = {}
    mutable_users: bool = True
    packages: tuple[str, ...] = ()
    tmpfiles: tuple[str, ...] = ()
    path: str | None = None
    environment: dict[str, str] = {}
    pre_activation_checks: tuple[PreActivationCheck, ...] = ()
    health_checks: tuple[HealthCheck, ...] = ()
    warnings: tuple[str, ...] = ()
    left_to_distribution: tuple[str, ...] = ()
    settle_time: Seconds = 0
    unit_timeout: Seconds | None = None


class _Versioned(msgspec.Struct):
    version: int


_DECODE_VERSION = msgspec.json.Decoder(_Versioned)
_DECODE = msgspec.json.Decoder(Manifest)


def nothing() -> Manifest:
    """The desired state of a machine that is not managed."""
    return Manifest(version=SCHEMA_VERSION)


def parse_manifest(data: bytes, *, where: str) -> Manifest:
    """Read the bytes of a manifest.

    :param where: the file they are from, for messages.
    :raises ManifestError: naming the file and, as ``$.files[3].mode``, the field.
    """
    try:
        version = _DECODE_VERSION.decode(data).version
        if version != SCHEMA_VERSION:
            raise ManifestError(
                f"this manifest has version {version}, and this program reads version {SCHEMA_VERSION}",
                where=f"{where}, field $.version",
                hint="build the configuration again with this version of System Manager",
            )
        manifest = _DECODE.decode(data)
    except msgspec.ValidationError as error:
        message, _, field = str(error).partition(" - at `")
        place = f"{where}, field {field.rstrip('`')}" if field else where
        raise ManifestError(f"the manifest is not valid: {message}", where=place) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = "'system-manager switch --repair' makes again what is damaged in the store"
        raise ManifestError(f"the manifest is not JSON: {error}", where=where, hint=hint) from None
    check_manifest(manifest, where)
    return manifest


def check_manifest(manifest: Manifest, where: str) -> None:
    """Raise :class:`ManifestError` when a manifest asks for what cannot be."""
    _check_files(manifest.files, where)
    _check_units(manifest.units, "units", where)
    _check_units(manifest.user_units, "userUnits", where)
    _check_users(manifest.users, where)
    _check_groups(manifest.groups, where)
    _check_health_checks(manifest.health_checks, where)


def read_manifest(path: AnyPath) -> Manifest:
    """Read and check a manifest file. Raises :class:`ManifestError`."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ManifestError(
            f"the manifest cannot be read: {error.strerror}",
            where=str(path),
            hint="give the store path of a toplevel that System Manager has built",
        ) from None
    return parse_manifest(data, where=str(path))


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON, indented, fields with default values left out."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def _refuse(what: str, where: str, field: str) -> ManifestError:
    return ManifestError(what, where=f"{where}, field {field}")


def _check_files(files: Iterable[File], where: str) -> None:
    previous = ""
    good: set[tuple[str, str, str]] = set()
    for index, file in enumerate(files):
        target = file.target
        problem = _path_problem(target)
        if problem is not None:
            raise _refuse(f"'{target}' is not a path that can be managed: {problem}", where, f"$.files[{index}].target")
        if target <= previous:
            what = "appears twice" if target == previous else f"comes after {previous}, files have to be sorted"
            raise _refuse(f"'{target}' {what}", where, f"$.files[{index}].target")
        previous = target
        if not file.source or "\0" in file.source or len(file.source.encode(errors="surrogatepass")) > _LONGEST_PATH:
            raise _refuse(f"'{target}' has no usable source", where, f"$.files[{index}].source")
        if isinstance(file, CopyFile):
            if not file.source.startswith("/"):
                raise _refuse(f"'{file.source}' is not an absolute path", where, f"$.files[{index}].source")
            if (given := (file.mode, file.user, file.group)) not in good:
                _check_attributes(file, where, f"$.files[{index}]")
                good.add(given)


def _check_attributes(file: CopyFile, where: str, field: str) -> None:
    try:
        parse_mode(file.mode)
    except SystemManagerError as error:
        raise _refuse(error.what, where, f"{field}.mode") from None
    for label, owner in (("user", file.user), ("group", file.group)):
        number = owner.removeprefix("+")
        if number.isascii() and number.isdigit() and int(number) > _LARGEST_ID:
            raise _refuse(f"{number} is not the number of an account", where, f"{field}.{label}")


def _path_problem(target: str) -> str | None:
    if not target.startswith("/"):
        return "it is not absolute"
    is_short = target.isascii() and len(target) <= _LONGEST_FILE_NAME
    if "\0" in target or (not is_short and len(target.encode(errors="surrogatepass")) > _LONGEST_PATH):
        return "no file can have this name"
    if "//" in target or "/./" in target or "/../" in target or target.endswith(("/", "/.", "/..")):
        return "it is not in its simplest form"
    if target == "/nix" or target.startswith("/nix/"):
        return "the store is not configured this way"
    parts = () if is_short else target.split("/")
    if any(len(part.encode(errors="surrogatepass")) > _LONGEST_FILE_NAME for part in parts):
        return "one of its parts is longer than 255 bytes"
    return None


def _check_units(units: dict[str, Unit], key: str, where: str) -> None:
    for name, unit in units.items():
        field = f"$.{key}['{name}']"
        for other in (name, *unit.pulled_in_by, *unit.aliases):
            if len(other) > _LONGEST_UNIT_NAME or not re.fullmatch(_UNIT_NAME, other):
                raise _refuse(f"'{other}' is not the name of a unit", where, field)
        if unit.masked and (unit.fragment is not None or unit.drop_ins):
            raise _refuse("a masked unit has neither a fragment nor drop-ins", where, field)


def _check_health_checks(checks: Iterable[HealthCheck], where: str) -> None:
    for index, check in enumerate(checks):
        field = f"$.healthChecks[{index}]"
        if (check.script is None) == (check.url is None):
            raise _refuse(f"health check '{check.name}' needs a script or a URL, and not both", where, field)
        if check.script is not None and not check.script.startswith("/"):
            raise _refuse(f"'{check.script}' is not an absolute path", where, f"{field}.script")
        if check.url is not None and not re.fullmatch(_URL, check.url):
            raise _refuse(f"'{check.url}' is not an http or https URL", where, f"{field}.url")


def _check_name(name: str, where: str, field: str) -> None:
    if len(name) > _LONGEST_ACCOUNT_NAME or not re.fullmatch(_ACCOUNT_NAME, name):
        raise _refuse(f"'{name}' is not the name of an account", where, field)


def _check_id(number: int | None, where: str, field: str) -> None:
    if number is not None and (not 0 <= number <= _LARGEST_ID or number == _NO_ID):
        raise _refuse(f"{number} is not the number of an account", where, field)


def _check_users(users: dict[str, User], where: str) -> None:
    for name, user in users.items():
        field = f"$.users['{name}']"
        _check_name(name, where, field)
        _check_id(user.uid, where, f"{field}.uid")
        for group in (user.group, *user.extra_groups):
            _check_name(group, where, field)
        for label, text in _texts(user):
            if text is not None and re.search(r"[:\n\r\0]", text):
                raise _refuse(f"a colon or a control character cannot be in the {label}", where, f"{field}.{label}")
        if not user.home.startswith("/") or (user.shell is not None and not user.shell.startswith("/")):
            raise _refuse("home and shell have to be absolute paths", where, field)
        if not re.fullmatch(_HOME_MODE, user.home_mode) or int(user.home_mode, 8) > 0o7777:
            raise _refuse(f"'{user.home_mode}' is not a file mode", where, f"{field}.homeMode")
        if user.expires is not None and not _is_day(user.expires):
            raise _refuse(f"'{user.expires}' is not a day as YYYY-MM-DD", where, f"{field}.expires")
        for ids in (*user.sub_uid_ranges, *user.sub_gid_ranges):
            if ids.start < 0 or ids.count < 1 or ids.start + ids.count > _LARGEST_ID:
                raise _refuse(f"{ids.count} ids from {ids.start} on are not possible", where, field)


def _texts(user: User) -> list[tuple[str, str | None]]:
    return [
        ("description", user.description),
        ("home", user.home),
        ("shell", user.shell),
        ("hashedPassword", user.hashed_password),
        ("initialHashedPassword", user.initial_hashed_password),
    ]


def _is_day(text: str) -> bool:
    if not re.fullmatch(_DAY, text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_groups(groups: dict[str, Group], where: str) -> None:
    for name, group in groups.items():
        field = f"$.groups['{name}']"
        _check_name(name, where, field)
        _check_id(group.gid, where, f"{field}.gid")
        for member in group.members:
            _check_name(member, where, f"{field}.members")
