"""Sessions for ``eval`` and ``instantiate``. Imports the whole evaluator, so import this late."""

from __future__ import annotations

from system_manager.base.events import Event, NullObserver, Observer
from system_manager.cli.evaluation_options import EvaluationOptions
from system_manager.cli.places import cache_directory, has_database
from system_manager.cli.settings import Settings
from system_manager.evaluation.printing import NewSession
from system_manager.evaluation.session import EvaluationSession


class LateObserver:
    """The observer that the settings ask for; made when there is something to say, which most programs never have."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: Observer | None = None

    def notify(self, event: Event) -> None:
        """Pass the event on."""
        if self._made is None:
            from system_manager.cli.progress import observer

            self._made = observer(self._settings)
        self._made.notify(event)


def session_maker(settings: Settings, options: EvaluationOptions, *, write: bool) -> NewSession:
    """What makes the sessions of one evaluation, which share a store.

    :param write: add to the store, and build what the program imports; else the store is only read, if there is one.
    """
    listening = LateObserver(settings)
    store = realise = None
    if write or has_database(settings):
        from pathlib import Path

        from system_manager.store.store import Store

        store = Store.open(Path(settings.store_root), read_only=not write)
    if store is not None and write:  # what a program imports can only be built where its derivations are written
        from system_manager.cli.building import realiser

        realise = realiser(store, settings, listening)

    def new_session(delays: bool, shown: bool) -> EvaluationSession:
        return EvaluationSession(
            options.settings(write_store=write),
            store=store,
            observer=listening if shown else NullObserver(),
            realise=realise,
            code_cache=cache_directory("code"),
            delays=delays,
        )

    return new_session
