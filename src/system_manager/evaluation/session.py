"""One evaluation: builtins, store, files and effects put together around an evaluator.

with EvaluationSession(settings, store=store, observer=observer) as session:
    text = session.run(lambda: print_value(session.evaluate_text("1 + 1", directory="/"), strict=True))
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import NullObserver, Observer, Traced, Warned
from system_manager.base.type_hints import Callable, Iterator, Mapping, TypeVar
from system_manager.evaluation.builtins.contexts import ContextBuiltins
from system_manager.evaluation.builtins.derivations import DerivationBuiltins
from system_manager.evaluation.builtins.fetching import FetchBuiltins
from system_manager.evaluation.builtins.flakes import flake_builtins
from system_manager.evaluation.builtins.hashing import hash_builtins
from system_manager.evaluation.builtins.imports import ImportBuiltins
from system_manager.evaluation.builtins.paths import PathBuiltins
from system_manager.evaluation.builtins.sources import SourceBuiltins
from system_manager.evaluation.effects import EvaluationEffects
from system_manager.evaluation.facts import Facts
from system_manager.evaluation.search_path import SearchPathBuiltins
from system_manager.evaluation.settings import EvaluationSettings, Purity, Realise
from system_manager.evaluation.state import EvaluationState
from system_manager.evaluation.store_access import ComputingStore, EvaluationStore, OpenStore, WritingStore
from system_manager.language.builtins.registry import Builtin
from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.errors import EvaluationError, NixSyntaxError, show_place
from system_manager.language.evaluator import Evaluator
from system_manager.language.lints import Severity, find_literals
from system_manager.language.runtime import Lazy, Value, defer, force_plain_string
from system_manager.language.source import Source
from system_manager.store.paths import STORE_DIRECTORY

NIX_VERSION = "2.34.0"
"""The version of Nix whose language this is, for programs that ask."""

_LANGUAGE_VERSION = 6
_DERIVATION = Path(__file__).parent / "builtins" / "derivation.nix"

Result = TypeVar("Result")


class EvaluationSession:
    """Everything that one evaluation needs. Values must not leave :meth:`run`.

    :param store: the store to read and, if the settings say so, to write; None only computes paths.
    :param realise: builds what programs import; None forbids import from derivation.
    :param code_cache: a directory of this user's for compiled programs.
    :param delays: evaluate nothing before it is wanted, as :class:`Evaluator` explains.
    """

    def __init__(
        self,
        settings: EvaluationSettings,
        *,
        store: OpenStore | None = None,
        observer: Observer | None = None,
        realise: Realise | None = None,
        code_cache: Path | None = None,
        delays: bool = False,
    ) -> None:
        self._store = store if settings.write_store else None
        if settings.write_store and store is None:
            raise ValueError("an evaluation that writes to the store needs one")
        facts = Facts()
        access: EvaluationStore = (
            ComputingStore(store, facts) if self._store is None else WritingStore(self._store, facts)
        )
        self._state = EvaluationState(settings, access, observer or NullObserver(), realise, facts)
        self._imports = ImportBuiltins(self._state)
        self._fetching = FetchBuiltins(self._state)
        self._search_path = SearchPathBuiltins(self._state, settings.search_path, os.getcwd())  # noqa: PTH109 -- a text
        builtins = [*PURE_BUILTINS, *self._builtins()]
        self.builtins: Mapping[str, Builtin] = {builtin.name: builtin for builtin in builtins}
        self.evaluator = Evaluator(
            builtins=builtins,
            constants=self._constants(),
            effects=EvaluationEffects(self._state, self._search_path),
            code_cache=code_cache,
            max_call_depth=settings.max_call_depth,
            delays=delays,
        )
        self._imports.use(self._evaluate)

    def __enter__(self) -> EvaluationSession:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was fetched."""
        self._fetching.close()

    @property
    def system(self) -> str:
        """The platform that programs are evaluated for."""
        return self._state.settings.system

    @property
    def facts(self) -> Facts:
        """What was found outside the program so far."""
        return self._state.facts

    @property
    def messages(self) -> list[Traced | Warned]:
        """What the program said so far."""
        return self._state.messages

    def run(self, work: Callable[[], Result]) -> Result:
        """Call ``work`` where values may be evaluated. Raises :class:`EvaluationError`, whatever goes wrong."""
        return self.evaluator.run(lambda: self._work(work))

    def _work(self, work: Callable[[], Result]) -> Result:
        batch = contextlib.nullcontext() if self._store is None else self._store.batch()
        try:
            with batch:
                return work()
        except EvaluationError:
            raise
        except SystemManagerError as error:
            raise EvaluationError(error.what, hint=error.hint) from error

    def evaluate_source(self, source: Source) -> Value:
        """The value of a program; inside :meth:`run` only. A file has to be one that programs may read."""
        if source.name.startswith("/"):
            self._state.files.check(source.name)
        return self._evaluate(source)

    def evaluate_text(self, text: str, *, directory: str, name: str = "«string»") -> Value:
        """The value of a text; relative paths in it start at ``directory``."""
        return self._evaluate(Source(text, name, directory))

    def evaluate_file(self, path: str) -> Value:
        """The value of the program in a file, as ``import`` finds it; inside :meth:`run` only."""
        return self._imports.evaluate_file(path)

    def check(self, path: str) -> None:
        """Raise :class:`EvaluationError` unless programs may look at this path."""
        self._state.files.check(path)

    def allow(self, path: str) -> None:
        """Let programs read this file or directory, whatever the settings say."""
        self._state.files.allow(path)

    def forget_files(self) -> None:
        """Read files again that were read before, so that what programs import next is what is there now."""
        self._imports.forget()
        self._state.forget_files()

    def automatic_arguments(self, expressions: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Lazy]:
        """The values of ``--arg`` and ``--argstr``; expressions are evaluated when they are needed.

        Relative paths in them start at the current directory, wherever the program is.
        """
        directory = os.getcwd()  # noqa: PTH109 -- a text
        arguments: dict[str, Lazy] = {}
        for name, expression in expressions.items():
            source = Source(expression, "«string»", directory)
            arguments[name] = defer(self._evaluate, source)
        return arguments | dict(texts)

    def _evaluate(self, source: Source, scope: Mapping[str, Lazy] | None = None) -> Value:
        if self._state.settings.lints.active:
            for found in find_literals(source, self._state.settings.lints):
                if found.severity is Severity.FATAL:
                    raise NixSyntaxError(found.what, found.position)
                self._state.say(Warned(show_place(found.what, found.position)))
        return self.evaluator.evaluate(source, scope)

    def _builtins(self) -> Iterator[Builtin]:
        yield from ContextBuiltins(self._state).builtins()
        yield from DerivationBuiltins(self._state).builtins()
        yield from self._fetching.builtins()
        yield from flake_builtins()
        yield from hash_builtins()
        yield from self._imports.builtins()
        yield from PathBuiltins(self._state).builtins()
        yield from SourceBuiltins(self._state).builtins()
        yield from self._search_path.builtins()
        yield Builtin("getEnv", 1, self._get_environment, "The value of an environment variable, or the empty string.")

    def _constants(self) -> dict[str, Lazy]:
        constants: dict[str, Lazy] = {
            "storeDir": STORE_DIRECTORY,
            "nixVersion": NIX_VERSION,
            "langVersion": _LANGUAGE_VERSION,
            "nixPath": self._search_path.nix_path(),
            "derivation": defer(self._derivation),
        }
        if self._state.settings.purity is not Purity.PURE:
            constants["currentSystem"] = self._state.settings.system
            constants["currentTime"] = defer(self._current_time)
        return constants

    def _derivation(self) -> Value:
        source = Source(_DERIVATION.read_text(), "«builtin»/derivation.nix", "/")
        return self.evaluator.evaluate(source)

    def _current_time(self) -> Value:
        self._state.facts.volatile = "the time was asked for"
        return int(time.time())

    def _get_environment(self, name: Lazy) -> Value:
        variable = force_plain_string(name, "while evaluating the first argument passed to builtins.getEnv")
        if self._state.settings.purity is not Purity.IMPURE:
            return ""
        value = self._state.settings.environment.get(variable)
        self._state.facts.environment[variable] = value
        return value or ""
