"""Everything that an evaluation needs once its program looks beyond itself: files, store and search path."""

from __future__ import annotations

import os

from system_manager.base.events import Observer, Traced, Warned
from system_manager.base.type_hints import Iterator
from system_manager.evaluation.builtins.contexts import ContextBuiltins
from system_manager.evaluation.builtins.derivations import DerivationBuiltins
from system_manager.evaluation.builtins.fetching import FetchBuiltins
from system_manager.evaluation.builtins.flakes import flake_builtins
from system_manager.evaluation.builtins.hashing import hash_builtins
from system_manager.evaluation.builtins.imports import Evaluate, ImportBuiltins
from system_manager.evaluation.builtins.paths import PathBuiltins
from system_manager.evaluation.builtins.sources import SourceBuiltins
from system_manager.evaluation.facts import Facts
from system_manager.evaluation.search_path import SearchPathBuiltins
from system_manager.evaluation.settings import EvaluationSettings, Realise
from system_manager.evaluation.state import EvaluationState
from system_manager.evaluation.store_access import ComputingStore, EvaluationStore, OpenStore, WritingStore
from system_manager.language.builtins.registry import Builtin


class MachineAccess:
    """Implements :class:`system_manager.evaluation.effects.Machine`."""

    def __init__(self, state: EvaluationState, evaluate: Evaluate) -> None:
        self._state = state
        self._imports = ImportBuiltins(state, evaluate)
        self._fetching = FetchBuiltins(state)
        self._search_path = SearchPathBuiltins(state, state.settings.search_path, os.getcwd())
        self.say = state.say
        self.check = state.files.check
        self.allow = state.files.allow
        self.copy_to_store = state.copy_to_store
        self.evaluate_file = self._imports.evaluate_file
        self.resolve_search_path = self._search_path.resolve
        self.close = self._fetching.close

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield from ContextBuiltins(self._state).builtins()
        yield from DerivationBuiltins(self._state).builtins()
        yield from self._fetching.builtins()
        yield from flake_builtins()
        yield from hash_builtins()
        yield from self._imports.builtins()
        yield from PathBuiltins(self._state).builtins()
        yield from SourceBuiltins(self._state).builtins()
        yield from self._search_path.builtins()

    def forget_files(self) -> None:
        """Look at files again that were looked at before."""
        self._imports.forget()
        self._state.forget_files()

    def begin_again(self) -> None:
        """Evaluate files again, and pass over what programs said already."""
        self._imports.forget()
        self._state.expect_repetition()


def open_machine(
    settings: EvaluationSettings,
    store: OpenStore | None,
    *,
    observer: Observer,
    realise: Realise | None,
    facts: Facts,
    messages: list[Traced | Warned],
    evaluate: Evaluate,
) -> MachineAccess:
    """The machine as this evaluation may see it.

    :param facts: gets what is found.
    :param messages: gets what is said.
    :param evaluate: evaluates a program in a scope.
    """
    if settings.write_store and store is not None:
        access: EvaluationStore = WritingStore(store, facts)
    else:
        access = ComputingStore(store, facts)
    return MachineAccess(EvaluationState(settings, access, observer, realise, facts, messages), evaluate)
