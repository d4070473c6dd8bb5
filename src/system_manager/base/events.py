"""How core code talks: it emits events, and an observer decides what becomes of them.

The command line turns them into progress lines or JSON; the engine writes them as JSON lines for the
command line that started it; tests collect them. Nothing below ``cli`` prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A named step of the work begins, e.g. "evaluating" or "reloading systemd"."""

    name: str


@dataclass(frozen=True, slots=True)
class PhaseFinished:
    """The step named the same has ended without an error."""

    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the user should know and that is no error."""

    text: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that works now and probably should not stay as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Traced:
    """Output of ``builtins.trace`` and its kin, exactly as Nix prints it."""

    text: str


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """A derivation is being built. ``path`` is the printed path of the ``.drv`` file."""

    path: str


@dataclass(frozen=True, slots=True)
class BuildFinished:
    """The derivation is built and its outputs are registered."""

    path: str


@dataclass(frozen=True, slots=True)
class BuildOutput:
    """One line that a builder printed."""

    path: str
    line: str


@dataclass(frozen=True, slots=True)
class ChangeApplied:
    """One change of a plan has been made; ``description`` is the line that the plan showed for it."""

    description: str


@dataclass(frozen=True, slots=True)
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
