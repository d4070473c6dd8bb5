"""What running programs may ask for, joined to the store and to whoever listens."""

from __future__ import annotations

from system_manager.base.events import Traced, Warned
from system_manager.evaluation.search_path import SearchPathBuiltins
from system_manager.evaluation.state import EvaluationState
from system_manager.language.errors import AbortError
from system_manager.language.runtime import Value


class EvaluationEffects:
    """Implements :class:`system_manager.language.effects.Effects`."""

    def __init__(self, state: EvaluationState, search_path: SearchPathBuiltins) -> None:
        self._state = state
        self._search_path = search_path

    @property
    def traces_verbosely(self) -> bool:
        """As the settings say."""
        return self._state.settings.trace_verbose

    def copy_to_store(self, path: str) -> Value:
        """Copy once for each path."""
        return self._state.copy_to_store(path)

    def resolve_search_path(self, name: str) -> Value:
        """The value of ``<name>``."""
        return self._search_path.resolve(name)

    def trace(self, text: str) -> None:
        """Show it as Nix does."""
        self._state.say(Traced(f"trace: {text}"))

    def warn(self, text: str) -> None:
        """Show it, or end here where ``NIX_ABORT_ON_WARN`` asks for that."""
        self._state.say(Warned(text))
        if self._state.settings.abort_on_warning:
            raise AbortError("aborting to reveal stack trace of warning, as abort-on-warn is set")
