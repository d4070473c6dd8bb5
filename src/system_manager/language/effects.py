"""What evaluated code needs from outside the language, behind one protocol.

Evaluation proper implements it on the file system and the store. The language alone comes with
:class:`NoEffects`, under which pure programs run and everything else is a plain error.
"""

from __future__ import annotations

from system_manager.base.type_hints import Protocol
from system_manager.language.errors import EvaluationError, ThrownError
from system_manager.language.values import Value


class Effects(Protocol):
    """Everything that compiled code and pure builtins may ask for."""

    @property
    def traces_verbosely(self) -> bool:
        """Whether ``builtins.traceVerbose`` shows anything."""

    def copy_to_store(self, path: str) -> Value:
        """Copy the file or directory into the store; the store path, as a string with context."""

    def resolve_search_path(self, name: str) -> Value:
        """The value of ``<name>``. Raises :class:`ThrownError` when nothing is found."""

    def trace(self, text: str) -> None:
        """Show what ``builtins.trace`` was given, without a prefix."""

    def warn(self, text: str) -> None:
        """Show an evaluation warning, without a prefix."""


class NoEffects:
    """The world of a pure program: nothing can be read and messages go nowhere."""

    traces_verbosely = False

    def copy_to_store(self, path: str) -> Value:
        raise EvaluationError(f"path '{path}' cannot be copied to the store: there is no store here")

    def resolve_search_path(self, name: str) -> Value:
        raise ThrownError(f"file '{name}' was not found in the Nix search path: there is none here")

    def trace(self, text: str) -> None:
        """Messages are dropped."""

    def warn(self, text: str) -> None:
        """Warnings are dropped."""


_current: list[Effects] = [NoEffects()]


def current_effects() -> Effects:
    """The effects of the evaluator that is running."""
    return _current[-1]


def install_effects(effects: Effects) -> None:
    """Make ``effects`` those of the evaluation that runs from now on."""
    _current[-1] = effects
