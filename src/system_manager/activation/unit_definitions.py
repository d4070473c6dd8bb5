"""What the units of a generation are made of: our fragments and drop-ins over the distribution's own files."""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Mapping, Sequence

import msgspec

from system_manager.activation.unit_file import UnitText, parse_unit
from system_manager.generation.manifest import Unit
from system_manager.host.root import Root
from system_manager.host.unit_names import is_prefix, prefixes_of, template_of

SYSTEM_DIRECTORY = "/etc/systemd/system"
USER_DIRECTORY = "/etc/systemd/user"
# What goes first is used: systemd.unit(5), "Unit File Load Path".
SYSTEM_DIRECTORIES = (
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    SYSTEM_DIRECTORY,
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
)
# Those that all users share.
USER_DIRECTORIES = (
    USER_DIRECTORY,
    "/run/systemd/user",
    "/usr/local/share/systemd/user",
    "/usr/share/systemd/user",
    "/usr/local/lib/systemd/user",
    "/usr/lib/systemd/user",
    "/lib/systemd/user",
)


def as_found(units: Mapping[str, Unit], edited: Collection[str], directory: str) -> Mapping[str, Unit]:
    """The same units, with files that somebody edited in the place of those that we put there.

    :param edited: logical paths of files of ours whose content is another one.
    :param directory: where unit files are put.
    """
    if not edited:
        return units
    return {name: _as_found(name, unit, edited, directory) for name, unit in units.items()}


def _as_found(name: str, unit: Unit, edited: Collection[str], directory: str) -> Unit:
    path = f"{directory}/{name}"
    fragment = path if unit.fragment is not None and path in edited else unit.fragment
    there = {source: f"{path}.d/{os.path.basename(source)}" for source in unit.drop_ins}
    drop_ins = tuple(found if found in edited else source for source, found in there.items())
    return msgspec.structs.replace(unit, fragment=fragment, drop_ins=drop_ins)


class Definitions:
    """The units of one manifest, with their texts.

    :param managed: logical paths that are ours, which are therefore no files of the distribution.
    :param searched: where systemd looks for unit files, what goes first first.
    :param leaving: units whose files, which are the distribution's, will be gone.
    """

    def __init__(
        self,
        units: Mapping[str, Unit],
        root: Root,
        managed: Container[str],
        searched: Sequence[str] = SYSTEM_DIRECTORIES,
        leaving: Container[str] = (),
    ) -> None:
        self.units = units
        self._leaving = leaving
        self._searched = searched
        self._root = root
        self._managed = managed
        self._texts: dict[str, UnitText | None] = {}
        self._has_prefixes = any(is_prefix(name) for name, unit in units.items() if unit.fragment is None)

    def settings(self) -> list[str]:
        """Units of which we have nothing but drop-ins: the unit files are somebody else's, and so are their names."""
        return [name for name, unit in self.units.items() if unit.fragment is None and unit.drop_ins]

    def under_own_names(self, names: Mapping[str, str]) -> Definitions:
        """The same, with what we say about units by other names of theirs moved to their own.

        :param names: own name by other name.
        """
        units = {name: unit for name, unit in self.units.items() if name not in names}
        for alias, name in names.items():
            if (unit := self.units.get(alias)) is not None:
                known = units.get(name, Unit())
                drop_ins = (*known.drop_ins, *unit.drop_ins)
                units[name] = msgspec.structs.replace(
                    known, drop_ins=drop_ins, wanted_by=known.wanted_by + unit.wanted_by
                )
        return Definitions(units, self._root, self._managed, self._searched, self._leaving)

    def parts(self, name: str) -> list[Unit]:
        """What we say about a unit: about all with such a name first, about its template then, and about itself."""
        names = [name]
        if (template := template_of(name)) is not None:
            names.insert(0, template)
        found = [unit for unit in map(self.units.get, names) if unit is not None]
        if self._has_prefixes:
            wider = [self.units[prefix] for prefix in prefixes_of(name) if prefix in self.units]
            found = [unit for unit in wider if unit.fragment is None and not unit.masked] + found
        return [unit for unit in found if unit.fragment or unit.drop_ins or unit.masked]

    def is_masked(self, name: str) -> bool:
        """Whether we mask it."""
        return any(unit.masked for unit in self.parts(name))

    def owns(self, name: str) -> bool:
        """Whether the unit file itself is ours."""
        return any(unit.fragment is not None for unit in self.parts(name))

    def text(self, name: str) -> UnitText | None:
        """The merged definition; None when there is no unit file, or it is masked.

        What systemd makes by itself (slices, mounts that it finds) has no file: settings of ours are all that is said.
        """
        if name not in self._texts:
            self._texts[name] = self._merged(name)
        return self._texts[name]

    def _merged(self, name: str) -> UnitText | None:
        parts = self.parts(name)
        if any(unit.masked for unit in parts):
            return None
        own = [unit.fragment for unit in parts if unit.fragment is not None]
        base = own[-1] if own else self.distribution_fragment(name)
        text = self._read(base) if base is not None else None
        if text is None and (own or not parts or self.leaves(name)):
            return None
        drop_ins = [self._read(path) or "" for unit in parts for path in unit.drop_ins]
        return parse_unit([text or "", *drop_ins])

    def leaves(self, name: str) -> bool:
        """Whether the unit file is the distribution's, and goes."""
        if self.owns(name):
            return False
        return name in self._leaving or template_of(name) in self._leaving

    def distribution_fragment(self, name: str) -> str | None:
        """The unit file that is there without us."""
        template = template_of(name)
        for candidate in (name, template):
            if candidate in self._leaving:
                continue
            for directory in self._searched if candidate is not None else ():
                path = f"{directory}/{candidate}"
                if path in self._managed:
                    continue
                if os.path.isfile(self._root.real(path)):
                    return path
        return None

    def is_masked_by_hand(self, name: str) -> bool:
        """Whether the file that systemd finds is a mask, ours or not. It forgets a masked unit that does not run."""
        for candidate in filter(None, (name, template_of(name))):
            for directory in self._searched:
                path = f"{directory}/{candidate}"
                if os.path.lexists(self._root.join(path)):
                    return self._root.resolve(path) == "/dev/null"
        return False

    def _read(self, path: str) -> str | None:
        try:
            with open(self._root.real(path), encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()
        except OSError:
            return None
