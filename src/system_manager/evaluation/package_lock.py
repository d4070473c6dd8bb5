"""The lock file: which version of each package a configuration means, so that it means the same next month.

``system-manager.lock`` lies beside the configuration. It is JSON::

    {
      "version": 1,
      "systems": {
        "debian-12-x86_64-linux": {
          "packages": {
            "nginx": {
              "version": "1.22.1-9+deb12u3", "architecture": "amd64", "sha256": "…", "size": 527496,
              "fileName": "nginx_1.22.1-9+deb12u3_amd64.deb"
            }
          },
          "dependencies": { "nginx-common": { … } }
        }
      }
    }

``packages`` are all that the evaluation looked up; ``dependencies`` are what else has to be installed for them on a
machine that has only the base of its distribution. Every distribution has its own part, since no two have the same
packages.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from system_manager.base.digests import new_digest
from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.base.type_hints import Any, Mapping, Sequence
from system_manager.evaluation.package_index import DistributionPackage, PackageIndex

LOCK_FILE = "system-manager.lock"
_VERSION = 1
_FIELDS = MappingProxyType(
    {"version": "version", "architecture": "architecture", "sha256": "sha256", "size": "size", "fileName": "file_name"}
)


class LockError(SystemManagerError):
    """The lock file cannot be used, or lacks something."""


@record(frozen=True)
class LockedPackage:
    """One package file. ``sha256`` is hexadecimal, ``size`` in bytes."""

    name: str
    version: str
    architecture: str
    sha256: str
    size: int
    file_name: str

    @classmethod
    def of(cls, package: DistributionPackage) -> LockedPackage:
        """What the lock file says of a package."""
        return cls(package.name, package.version, package.architecture, package.sha256, package.size, package.file_name)


@record(frozen=True)
class SystemLock:
    """The part of one distribution. ``packages`` is by the name that was looked up."""

    packages: Mapping[str, LockedPackage] = MappingProxyType({})
    dependencies: Mapping[str, LockedPackage] = MappingProxyType({})


@record(frozen=True)
class Lock:
    """A whole lock file."""

    systems: Mapping[str, SystemLock] = MappingProxyType({})

    def with_system(self, key: str, system: SystemLock) -> Lock:
        """The same with another part for one distribution."""
        return Lock({**self.systems, key: system})


def system_key(identity: str, version: str, system: str) -> str:
    """Which part is meant, e.g. ``debian-12-x86_64-linux``."""
    return "-".join(part for part in (identity, version, system) if part)


def read_lock(file: Path) -> Lock | None:
    """The lock file, or None if there is none. Raises :class:`LockError`."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LockError(f"the lock file cannot be read: {error.strerror}", where=str(file)) from None
    import json  # noqa: PLC0415 -- for configurations with a lock file

    try:
        return _decode(json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise LockError(
            f"the lock file is damaged: {_what_is_wrong(error)}",
            where=str(file),
            hint="take it from version control again, or delete it and run 'system-manager lock'",
        ) from None


def _what_is_wrong(error: Exception) -> str:
    """In words of the file's reader, who need not know what Python calls it."""
    match error:
        case KeyError():
            return f"it lacks the field {error}"
        case TypeError() | AttributeError():
            return "something in it is of another type than it should be"
        case RecursionError():
            return "it is nested too deeply"
        case _:
            return str(error)


def encode_lock(lock: Lock) -> bytes:
    """The text of a lock file: sorted and indented, so that versions of it can be compared."""
    import json  # noqa: PLC0415 -- as above

    systems = {
        key: {
            kind: {name: _fields(package) for name, package in getattr(system, kind).items()}
            for kind in ("packages", "dependencies")
        }
        for key, system in lock.systems.items()
    }
    return json.dumps({"version": _VERSION, "systems": systems}, indent=2, sort_keys=True).encode() + b"\n"


def _fields(package: LockedPackage) -> dict[str, str | int]:
    fields = {field: getattr(package, attribute) for field, attribute in _FIELDS.items()}
    return {"name": package.name, **fields}


def _decode(parsed: Any) -> Lock:
    if parsed["version"] != _VERSION:
        raise ValueError(f"its version is {parsed['version']!r}, and this program knows {_VERSION}")
    return Lock(
        {
            key: SystemLock(_decode_packages(system["packages"]), _decode_packages(system["dependencies"]))
            for key, system in parsed["systems"].items()
        }
    )


def _decode_packages(parsed: Any) -> dict[str, LockedPackage]:
    found = {}
    for name, fields in parsed.items():
        values = {attribute: fields[field] for field, attribute in _FIELDS.items()}
        texts = [fields["name"], *(value for attribute, value in values.items() if attribute != "size")]
        if not all(isinstance(text, str) for text in texts) or not isinstance(values["size"], int):
            raise ValueError(f"the fields of '{name}' are not what they should be")
        found[name] = LockedPackage(name=fields["name"], **values)
    return found


class LockedIndex:
    """A :class:`~.package_index.PackageIndex` that answers from a lock file.

    :ivar used: every package that was looked up, by the name it was looked up with.
    """

    def __init__(self, archive: PackageIndex, lock: SystemLock, file: Path) -> None:
        self.used: dict[str, LockedPackage] = {}
        self._archive = archive
        self._lock = lock
        self._file = file

    def names(self) -> Sequence[str]:
        """What the archives have, and what is locked."""
        return sorted({*self._archive.names(), *self._lock.packages})

    def lookup(self, name: str) -> LockedPackage | None:
        """The locked package. Raises :class:`LockError` for one that the archives have, and the lock has not."""
        found = self._lock.packages.get(name) or self._not_locked(name)
        if found is not None:
            self.used[name] = found
        return found

    def advice(self) -> str | None:
        """That of the archives."""
        return self._archive.advice()

    def _not_locked(self, name: str) -> LockedPackage | None:
        if self._archive.lookup(name) is None:
            return None
        raise LockError(
            f"the package '{name}' is not in {self._file}",
            where=str(self._file),
            hint="run 'system-manager lock' to add what is missing and keep the rest",
        )

    def identity(self) -> str:
        """Changes with the lock file and with the archives."""
        digest = new_digest(self._archive.identity().encode())
        digest.update(encode_lock(Lock({"": self._lock})))
        return digest.hexdigest()


class LockingIndex(LockedIndex):
    """The same for making a lock file: what is not locked, or is to be updated, is what the archives have now.

    :param update: names to look up again.
    """

    def __init__(self, archive: PackageIndex, lock: SystemLock, file: Path, update: frozenset[str]) -> None:
        kept = {name: package for name, package in lock.packages.items() if name not in update}
        super().__init__(archive, SystemLock(kept, {}), file)

    def _not_locked(self, name: str) -> LockedPackage | None:
        found = self._archive.lookup(name)
        return None if found is None else LockedPackage.of(found)
