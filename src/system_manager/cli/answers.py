"""Answers to what ``eval`` and ``instantiate`` were asked before.

Imports no evaluator, which is what makes them quick.
"""

from __future__ import annotations

from system_manager.base.events import Traced, Warned
from system_manager.base.type_hints import Any, Sequence
from system_manager.cli.evaluation_options import EvaluationOptions
from system_manager.cli.places import cache_directory, has_database
from system_manager.cli.settings import Settings
from system_manager.evaluation.cache import EvaluationCache, KnownObjects
from system_manager.evaluation.facts import Facts


class Answers:
    """What is known of one question.

    :param question: texts that tell it from any other, besides the options.
    :param write: the evaluation adds to the store; its answer is worth nothing where that was deleted.
    """

    def __init__(self, settings: Settings, options: EvaluationOptions, *question: str, write: bool) -> None:
        self._settings = settings
        self._cache = EvaluationCache(cache_directory("evaluation"), store=self._open_store)
        self._enabled = options.language.switch("eval-cache", True)
        evaluation = options.settings(write_store=write)
        has_store = "store" if write or has_database(settings) else "no store"
        self._key = self._cache.key(*question, has_store, settings.store_root, *evaluation.identity())

    def current(self) -> Any:
        """The answer, after everything that the program said when it was found; None if there is none."""
        known = self._cache.lookup(self._key) if self._enabled else None
        if known is None:
            return None
        if known.messages:
            from system_manager.cli.progress import observer

            listening = observer(self._settings)
            for message in known.messages:
                listening.notify(message)
        return known.value

    def last(self) -> Any:
        """The answer that was right at some time; None if there is none."""
        known = self._cache.outdated(self._key) if self._enabled else None
        return None if known is None else known.value

    def keep(self, value: Any, facts: Facts, messages: Sequence[Traced | Warned]) -> None:
        """Remember an answer, which has to be made of what JSON has."""
        if self._enabled:
            self._cache.store(self._key, value, facts, messages)

    def _open_store(self) -> KnownObjects | None:
        if not has_database(self._settings):
            return None
        from pathlib import Path

        from system_manager.store.store import Store

        return Store.open(Path(self._settings.store_root), read_only=True)
