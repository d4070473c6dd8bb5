"""What running programs may ask for, joined to the machine and to whoever listens."""

from __future__ import annotations

from system_manager.base.events import Traced, Warned
from system_manager.base.type_hints import Callable, Iterable, Protocol
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import AbortError
from system_manager.language.runtime import Value


class Machine(Protocol):
    """Files, store and search path as one evaluation may see them.

    A protocol, so that a program that never looks beyond itself does not wait for all of that to be imported.
    """

    def builtins(self) -> Iterable[Builtin]:
        """The builtins that touch the machine."""

    def evaluate_file(self, path: str) -> Value:
        """The value of the program in a file, which is evaluated once."""

    def copy_to_store(self, path: str) -> Value:
        """The store path of a copy, as a string with context; made once for each path."""

    def resolve_search_path(self, name: str) -> Value:
        """The value of ``<name>``."""

    def say(self, message: Traced | Warned) -> None:
        """Show a message of the program."""

    def check(self, path: str) -> None:
        """Raise :class:`EvaluationError` unless programs may look at this path."""

    def allow(self, path: str) -> None:
        """Let programs read this file or directory."""

    def forget_files(self) -> None:
        """Look at files again that were looked at before."""

    def begin_again(self) -> None:
        """Prepare for the same evaluation once more, which says nothing that was said already."""

    def close(self) -> None:
        """Remove what was fetched."""


class EvaluationEffects:
    """Implements :class:`system_manager.language.effects.Effects`."""

    def __init__(self, settings: EvaluationSettings, machine: Callable[[], Machine]) -> None:
        self._settings = settings
        self._machine = machine

    @property
    def traces_verbosely(self) -> bool:
        """As the settings say."""
        return self._settings.trace_verbose

    def copy_to_store(self, path: str) -> Value:
        """Copy once for each path."""
        return self._machine().copy_to_store(path)

    def resolve_search_path(self, name: str) -> Value:
        """The value of ``<name>``."""
        return self._machine().resolve_search_path(name)

    def trace(self, text: str) -> None:
        """Show it as Nix does."""
        self._machine().say(Traced(f"trace: {text}"))

    def warn(self, text: str) -> None:
        """Show it, or end here where ``NIX_ABORT_ON_WARN`` asks for that."""
        self._machine().say(Warned(text))
        if self._settings.abort_on_warning:
            raise AbortError("aborting to reveal stack trace of warning, as abort-on-warn is set")
