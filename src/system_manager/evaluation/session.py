"""One evaluation: builtins, store, files and effects put together around an evaluator.

with EvaluationSession(settings, store=store, observer=observer) as session:
    text = session.run(lambda: print_value(session.evaluate_text("1 + 1", directory="/"), strict=True))
"""

from __future__ import annotations

import os
import time

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import NullObserver, Observer, Traced, Warned
from system_manager.base.type_hints import Any, Callable, Iterable, Mapping, TypeVar
from system_manager.evaluation.builtins.table import MACHINE_BUILTINS
from system_manager.evaluation.effects import EvaluationEffects, Machine
from system_manager.evaluation.facts import Facts
from system_manager.evaluation.settings import DERIVATION_NAME, EvaluationSettings, Purity, Realise
from system_manager.language.builtins.registry import Builtin, Family
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
_DERIVATION = f"{os.path.dirname(__file__)}/builtins/derivation.nix"

Result = TypeVar("Result")


class EvaluationSession:
    """Everything that one evaluation needs. Values must not leave :meth:`run`.

    :param store: the :class:`~.store_access.OpenStore` to read and, if the settings say so, to write; None only
        computes paths. ``Any``, since naming its type would import the store.
    :param realise: builds what programs import; None forbids import from derivation.
    :param code_cache: a directory of this user's for compiled programs.
    :param delays: evaluate nothing before it is wanted, as :class:`Evaluator` explains.
    :param counts_calls: count calls from the beginning: for sessions that hand values from one run to the next.
    """

    def __init__(
        self,
        settings: EvaluationSettings,
        *,
        store: Any = None,
        observer: Observer | None = None,
        realise: Realise | None = None,
        code_cache: str | os.PathLike[str] | None = None,
        delays: bool = False,
        counts_calls: bool = False,
    ) -> None:
        if settings.write_store and store is None:
            raise ValueError("an evaluation that writes to the store needs one")
        self.settings = settings
        self.facts = Facts()
        """What was found outside the program so far."""
        self.messages: list[Traced | Warned] = []
        """What the program said so far."""
        self._store = store
        self._observer = observer or NullObserver()
        self._realise = realise
        self._opened: Machine | None = None
        self.families = (
            *PURE_BUILTINS,
            Family(MACHINE_BUILTINS, lambda: self._machine().builtins()),
            Family({"getEnv": 1}, self._environment_builtins),
        )
        self.evaluator = Evaluator(
            builtins=self.families,
            constants=self._constants,
            effects=EvaluationEffects(settings, self._machine),
            code_cache=code_cache,
            max_call_depth=settings.max_call_depth,
            delays=delays,
            counts_calls=counts_calls,
            knows_home=settings.purity is not Purity.PURE,
            begin_again=self._begin_again,
        )

    def _machine(self) -> Machine:
        if self._opened is None:
            # Late: a program that never looks beyond itself takes less time than all of this to import.
            from system_manager.evaluation.builtins.machine import open_machine  # noqa: PLC0415

            self._opened = open_machine(
                self.settings,
                self._store,
                observer=self._observer,
                realise=self._realise,
                facts=self.facts,
                messages=self.messages,
                evaluate=self._evaluate,
            )
        return self._opened

    def __enter__(self) -> EvaluationSession:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was fetched."""
        if self._opened is not None:
            self._opened.close()

    @property
    def builtins(self) -> dict[str, Builtin]:
        """All built-in functions by name."""
        return {builtin.name: builtin for family in self.families for builtin in family.load()}

    def run(self, work: Callable[[], Result]) -> Result:
        """Call ``work`` where values may be evaluated. Raises :class:`EvaluationError`, whatever goes wrong."""
        return self.evaluator.run(lambda: self._work(work))

    def _begin_again(self) -> None:
        if self._opened is not None:
            self._opened.begin_again()

    def _work(self, work: Callable[[], Result]) -> Result:
        try:
            if not self.settings.write_store:
                return work()
            with self._store.batch():
                return work()
        except EvaluationError:
            raise
        except SystemManagerError as error:
            raise EvaluationError(error.what, hint=error.hint) from error

    def evaluate_source(self, source: Source) -> Value:
        """The value of a program; inside :meth:`run` only. A file has to be one that programs may read."""
        if self.settings.purity is not Purity.IMPURE and source.name.startswith("/"):
            self.check(source.name)
        return self._evaluate(source)

    def evaluate_text(self, text: str, *, directory: str, name: str = "«string»") -> Value:
        """The value of a text; relative paths in it start at ``directory``."""
        return self._evaluate(Source(text, name, directory))

    def evaluate_file(self, path: str) -> Value:
        """The value of the program in a file, as ``import`` finds it; inside :meth:`run` only."""
        return self._machine().evaluate_file(path)

    def check(self, path: str) -> None:
        """Raise :class:`EvaluationError` unless programs may look at this path."""
        self._machine().check(path)

    def allow(self, path: str) -> None:
        """Let programs read this file or directory, whatever the settings say."""
        self._machine().allow(path)

    def forget_files(self) -> None:
        """Read files again that were read before, so that what programs import next is what is there now."""
        self._machine().forget_files()

    def automatic_arguments(self, expressions: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Lazy]:
        """The values of ``--arg`` and ``--argstr``; expressions are read at once and evaluated when they are needed.

        Relative paths in them start at the current directory, wherever the program is.
        """
        directory = os.getcwd()
        arguments: dict[str, Lazy] = {}
        for name, expression in expressions.items():
            source = Source(expression, "«string»", directory)
            self._judge_literals(source)
            arguments[name] = self.evaluator.delay(source)
        return arguments | dict(texts)

    def _evaluate(self, source: Source, scope: Mapping[str, Lazy] | None = None) -> Value:
        self._judge_literals(source)
        return self.evaluator.evaluate(source, scope)

    def _judge_literals(self, source: Source) -> None:
        if self.settings.lints.active:
            for found in find_literals(source, self.settings.lints):
                if found.severity is Severity.FATAL:
                    raise NixSyntaxError(found.what, found.position)
                self._machine().say(Warned(show_place(found.what, found.position)))

    def _environment_builtins(self) -> Iterable[Builtin]:
        yield Builtin("getEnv", 1, self._get_environment, "The value of an environment variable, or the empty string.")

    def _constants(self) -> dict[str, Lazy]:
        search_path = () if self.settings.purity is Purity.PURE else self.settings.search_path
        constants: dict[str, Lazy] = {
            "storeDir": STORE_DIRECTORY,
            "nixVersion": NIX_VERSION,
            "langVersion": _LANGUAGE_VERSION,
            "nixPath": tuple([{"path": entry.path, "prefix": entry.prefix} for entry in search_path]),
            "derivation": defer(self._derivation),
        }
        if self.settings.purity is not Purity.PURE:
            constants["currentSystem"] = self.settings.system
            constants["currentTime"] = defer(self._current_time)
        return constants

    def _derivation(self) -> Value:
        with open(_DERIVATION, encoding="utf-8") as file:
            source = Source(file.read(), DERIVATION_NAME, "/")
        return self.evaluator.evaluate(source)

    def _current_time(self) -> Value:
        self.facts.volatile = "the time was asked for"
        return int(time.time())

    def _get_environment(self, name: Lazy) -> Value:
        variable = force_plain_string(name, "while evaluating the first argument passed to builtins.getEnv")
        if self.settings.purity is not Purity.IMPURE:
            return ""
        value = self.settings.environment.get(variable)
        self.facts.environment[variable] = value
        return value or ""
