"""What is planned for units, and what the planners see of a generation's units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from system_manager.activation.unit_file import UnitText
from system_manager.base.records import field, record
from system_manager.generation.manifest import Unit


class Side(Protocol):
    """One generation's units: see :class:`~system_manager.activation.unit_definitions.Definitions`."""

    @property
    def units(self) -> Mapping[str, Unit]: ...
    def parts(self, name: str) -> list[Unit]: ...
    def is_masked(self, name: str) -> bool: ...
    def owns(self, name: str) -> bool: ...
    def text(self, name: str) -> UnitText | None: ...
    def leaves(self, name: str) -> bool: ...


@record()
class UnitPlan:
    """The sets, each unit with the reason; a unit may be in both ``stop`` and ``start``.

    :ivar skip: changed units that keep running as they are.
    :ivar displaced: units of the distribution that ran and are stopped or replaced now.
    :ivar returned: displaced units that are the distribution's again.
    :ivar watched: services whose start says nothing about being up: they are watched for a moment.
    :ivar forgotten: units that go; if they failed, systemd would list them for ever.
    :ivar added: units that nobody had before and that only others start, on the way or later.
    :ivar awaited: targets that this boot has yet to reach and that have more to start now.
    """

    stop: dict[str, str] = field(default_factory=dict)
    reload: dict[str, str] = field(default_factory=dict)
    restart: dict[str, str] = field(default_factory=dict)
    start: dict[str, str] = field(default_factory=dict)
    skip: dict[str, str] = field(default_factory=dict)
    displaced: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    watched: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether no unit is touched."""
        return not (self.stop or self.reload or self.restart or self.start)
