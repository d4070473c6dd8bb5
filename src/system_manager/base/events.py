"""How core code talks: it emits events, and an observer decides what becomes of them.

The command line turns them into progress lines or JSON; the engine writes them as JSON lines for the
command line that started it; tests collect them. Nothing below ``cli`` prints.
"""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.base.type_hints import Protocol


@record(frozen=True)
class PhaseStarted:
    """A named step of the work begins, e.g. "evaluating" or "reloading systemd"."""

    name: str


@record(frozen=True)
class PhaseFinished:
    """The step named the same has ended without an error."""

    name: str


@record(frozen=True)
class Notice:
    """Something that the user should know and that is no error."""

    text: str


@record(frozen=True)
class Warned:
    """Something that works now and probably should not stay as it is."""

    text: str


@record(frozen=True)
class Traced:
    """Output of ``builtins.trace`` and its kin, exactly as Nix prints it."""

    text: str


@record(frozen=True)
class BuildStarted:
    """A derivation is being built. ``path`` is the printed path of the ``.drv`` file."""

    path: str


@record(frozen=True)
class BuildFinished:
    """The derivation is built and its outputs are registered."""

    path: str


@record(frozen=True)
class BuildOutput:
    """One line that a builder printed."""

    path: str
    line: str


@record(frozen=True)
class ChangeApplied:
    """One change of a plan has been made; ``description`` is the line that the plan showed for it."""

    description: str


@record(frozen=True)
class ChangeReverted:
    """One change of a plan has been taken back."""

    description: str


Event = (
    PhaseStarted
    | PhaseFinished
    | Notice
    | Warned
    | Traced
    | BuildStarted
    | BuildFinished
    | BuildOutput
    | ChangeApplied
    | ChangeReverted
)


class Observer(Protocol):
    """Whoever listens. Must not raise."""

    def notify(self, event: Event) -> None: ...


class NullObserver:
    """Listens to nothing."""

    def notify(self, event: Event) -> None:
        """Drop the event."""


class CollectingObserver:
    """Keeps every event in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def notify(self, event: Event) -> None:
        """Keep the event."""
        self.events.append(event)
