"""Programs that read what they have built."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from system_manager.base.events import BuildFinished, CollectingObserver
from system_manager.evaluation.settings import EvaluationSettings, Purity
from system_manager.language.errors import EvaluationError
from system_manager.store.building.realise import realise
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from tests.evaluation.conftest import evaluate

TEXT = """derivation { name = "%s"; system = "builtin"; builder = "builtin:write-text"; text = ''%s''; }"""


class Builds:
    """Builds for an evaluation and remembers what."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.observer = CollectingObserver()

    def __call__(self, wanted: Mapping[StorePath, frozenset[str]]) -> None:
        realise(self.store, list(wanted.items()), observer=self.observer)

    @property
    def count(self) -> int:
        return sum(isinstance(event, BuildFinished) for event in self.observer.events)


@pytest.fixture
def builds(store: Store) -> Builds:
    return Builds(store)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (f"import ({TEXT % ('x.nix', '{ a = 1; }')})", "{ a = 1; }"),
        (f"builtins.readFile ({TEXT % ('x', 'text')})", '"text"'),
        (f"builtins.pathExists ({TEXT % ('x', 'text')})", "true"),
        (f'builtins.pathExists "${{{TEXT % ("x", "text")}}}/below"', "false"),
        (f"builtins.readFileType ({TEXT % ('x', 'text')})", '"regular"'),
        (f'builtins.stringLength (builtins.hashFile "md5" ({TEXT % ("x", "text")}))', "32"),
        (f'builtins.readFile (builtins.path {{ name = "y"; path = {TEXT % ("x", "text")}; }})', '"text"'),
        (f'builtins.findFile [ {{ path = {TEXT % ("x", "t")}; prefix = "p"; }} ] "p" != null', "true"),
    ],
)
def test_builds_what_is_read(text: str, result: str, store: Store, builds: Builds) -> None:
    assert evaluate(text, store=store, realise=builds) == result
    assert builds.count == 1


def test_nothing_is_built_that_is_only_mentioned(store: Store, builds: Builds) -> None:
    evaluate(f'"${{{TEXT % ("x", "text")}}}"', store=store, realise=builds)
    assert builds.count == 0


def test_builds_dependencies_too(store: Store, builds: Builds) -> None:
    inner = TEXT % ("inner", "1")
    outer = TEXT % ("outer.nix", f"builtins.readFile ${{{inner}}}")
    assert evaluate(f"import ({outer})", store=store, realise=builds) == '"1"'
    assert builds.count == 2


def test_the_context_of_what_was_built_is_kept(store: Store, builds: Builds) -> None:
    text = f'let d = {TEXT % ("x", "y")}; in builtins.attrNames (builtins.getContext (builtins.readFile d + "${{d}}"))'
    assert evaluate(text, store=store, realise=builds).endswith('-x.drv" ]')


@pytest.mark.parametrize("purity", [Purity.RESTRICTED, Purity.PURE])
def test_what_was_built_may_be_read_by_careful_programs(purity: Purity, store: Store, builds: Builds) -> None:
    settings = EvaluationSettings(purity=purity, write_store=True)
    text = f"import ({TEXT % ('x.nix', '{ a = 1; }')})"
    assert evaluate(text, store=store, realise=builds, settings=settings) == "{ a = 1; }"


class TestRefusals:
    def test_a_failing_build(self, store: Store, builds: Builds) -> None:
        text = 'import (derivation { name = "x"; system = "builtin"; builder = "builtin:nothing"; })'
        with pytest.raises(EvaluationError, match="builtin:nothing"):
            evaluate(text, store=store, realise=builds)

    def test_a_failing_build_is_not_caught(self, store: Store, builds: Builds) -> None:
        text = 'builtins.tryEval (import (derivation { name = "x"; system = "builtin"; builder = "builtin:no"; }))'
        with pytest.raises(EvaluationError, match="builtin:no"):
            evaluate(text, store=store, realise=builds)

    def test_not_allowed(self, store: Store, builds: Builds) -> None:
        settings = EvaluationSettings(write_store=True, allow_import_from_derivation=False)
        with pytest.raises(EvaluationError, match="import from derivation is disabled"):
            evaluate(f"import ({TEXT % ('x', '1')})", store=store, realise=builds, settings=settings)

    def test_nothing_is_written(self) -> None:
        with pytest.raises(EvaluationError, match="is not valid"):
            evaluate(f"import ({TEXT % ('x', '1')})")
