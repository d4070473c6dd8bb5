"""What differs between two manifests, as data. Pure: neither machine nor store is looked at."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from system_manager.base.records import record
from system_manager.generation.manifest import File, LinkFile, Manifest, Unit, User


class Subject(enum.Enum):
    """What a difference is about."""

    FILE = "file"
    UNIT = "unit"
    USER_UNIT = "user-unit"
    HEALTH_CHECK = "health-check"
    USER = "user"
    GROUP = "group"
    PACKAGE = "package"
    ENVIRONMENT = "environment"


class Verb(enum.Enum):
    """What happened to it from the older manifest to the newer one."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@record(frozen=True)
class Difference:
    """One thing that is not the same. ``before`` and ``after`` are what each side says, in a few words."""

    subject: Subject
    verb: Verb
    name: str
    before: str | None
    after: str | None


def compare(old: Manifest, new: Manifest) -> list[Difference]:
    """All differences, by subject and then by name."""
    return [
        *_mappings(Subject.FILE, _files(old), _files(new)),
        *_mappings(Subject.UNIT, _units(old.units), _units(new.units)),
        *_mappings(Subject.USER_UNIT, _units(old.user_units), _units(new.user_units)),
        *_mappings(Subject.HEALTH_CHECK, _health_checks(old), _health_checks(new)),
        *_mappings(Subject.USER, _users(old), _users(new)),
        *_mappings(Subject.GROUP, _groups(old), _groups(new)),
        *_mappings(Subject.PACKAGE, _packages(old), _packages(new)),
        *_mappings(Subject.ENVIRONMENT, old.environment, new.environment),
    ]


def _mappings(subject: Subject, old: Mapping[str, str], new: Mapping[str, str]) -> list[Difference]:
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        verb = Verb.ADDED if before is None else Verb.REMOVED if after is None else Verb.CHANGED
        found.append(Difference(subject, verb, name, before, after))
    return found


def _file_text(file: File) -> str:
    if isinstance(file, LinkFile):
        return f"-> {file.source}"
    return f"{file.source} {file.mode} {file.user}:{file.group}"


def _files(manifest: Manifest) -> dict[str, str]:
    return {file.target: _file_text(file) for file in manifest.files}


def _unit_text(unit: Unit) -> str:
    if unit.masked:
        return "masked"
    parts = [unit.fragment or "the distribution's", *unit.drop_ins]
    for label, names in (
        ("wanted by", unit.wanted_by),
        ("required by", unit.required_by),
        ("upheld by", unit.upheld_by),
        ("also called", unit.aliases),
    ):
        if names:
            parts.append(f"{label} {', '.join(names)}")
    return "; ".join(parts)


def _units(units: Mapping[str, Unit]) -> dict[str, str]:
    return {name: _unit_text(unit) for name, unit in units.items()}


def _users(manifest: Manifest) -> dict[str, str]:
    """Without passwords, which are for the making of an account alone."""
    return {name: _user_text(user) for name, user in manifest.users.items()}


def _user_text(user: User) -> str:
    parts = [f"uid {user.uid}"] if user.uid is not None else []
    parts += [f"group {user.group}", *(f"in {group}" for group in user.extra_groups), f"home {user.home}"]
    parts += [f"shell {user.shell}"] if user.shell is not None else []
    parts += [repr(user.description)] if user.description else []
    parts += [f"expires {user.expires}"] if user.expires is not None else []
    parts += [f"subordinate ids from {ids.start}" for ids in (*user.sub_uid_ranges, *user.sub_gid_ranges)]
    parts += [f"linger {'on' if user.linger else 'off'}"] if user.linger is not None else []
    return ", ".join(parts)


def _health_checks(manifest: Manifest) -> dict[str, str]:
    return {
        check.name: check.script if check.script is not None else f"{check.url} answers {check.expected_status}"
        for check in manifest.health_checks
    }


def _groups(manifest: Manifest) -> dict[str, str]:
    return {
        name: ", ".join(
            [*([f"gid {group.gid}"] if group.gid is not None else []), f"members {' '.join(group.members)}"]
        )
        for name, group in manifest.groups.items()
    }


def _packages(manifest: Manifest) -> dict[str, str]:
    """Keyed by name without hash and version, so that another version is a change and not two differences."""
    result: dict[str, str] = {}
    for path in manifest.packages:
        full = path.rpartition("/")[2].partition("-")[2]
        name = full
        for index, character in enumerate(full[:-1]):
            if character == "-" and not full[index + 1].isalpha():
                name = full[:index]
                break
        result[name] = f"{result[name]}, {full}" if name in result else full
    return result
