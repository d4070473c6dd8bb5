"""Evaluations on stores of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from system_manager.base.events import Observer
from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.language.printer import print_value
from system_manager.store.store import Store
from tests.support.roots import cache_directory

Evaluate = Callable[..., str]

CODE_CACHE = cache_directory() / "code"
"""Compiled programs, kept between runs of the tests: what is tested here is not the compiler."""


@pytest.fixture(scope="module")
def module_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that the tests of a module share."""
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store") as opened:
        yield opened


def evaluate(
    text: str,
    *,
    store: Store | None = None,
    directory: Path | None = None,
    observer: Observer | None = None,
    settings: EvaluationSettings | None = None,
    **options: object,
) -> str:
    """What ``nix-instantiate --eval --strict`` prints; with a store, in read-write mode."""
    settings = settings or EvaluationSettings(write_store=store is not None, environment={})
    with EvaluationSession(settings, store=store, observer=observer, **options) as session:  # type: ignore[arg-type]  # options of the session
        where = str(directory or Path("/"))
        return session.run(lambda: print_value(session.evaluate_text(text, directory=where), strict=True))


def evaluate_file(file: Path, store: Store) -> str:
    """As :func:`evaluate`, of the program in a file."""
    settings = EvaluationSettings(write_store=True, environment={})
    with EvaluationSession(settings, store=store) as session:
        return session.run(lambda: print_value(session.evaluate_file(str(file)), strict=True))
