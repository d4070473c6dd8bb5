"""What a session works with: the variables that were defined or loaded, and where they came from."""

from __future__ import annotations

import os

from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Iterator, Mapping, TypeAlias, TypeVar
from system_manager.cli.repl.inputs import NAME
from system_manager.cli.repl.interruption import interruptible
from system_manager.evaluation.selection import call_automatically, parse_attribute_path, select_along
from system_manager.evaluation.session import EvaluationSession
from system_manager.language.describe import quote_string
from system_manager.language.errors import EvaluationError, UndefinedVariableError
from system_manager.language.runtime import Lazy, Value, coerce_to_string, force_attributes, sorted_names, string_text
from system_manager.language.source import Source

Result = TypeVar("Result")


@record(frozen=True)
class LoadedFile:
    """A file as it was named: a path, ``<name>`` of the search path, or the URL of an archive."""

    name: str

    def __str__(self) -> str:
        return self.name


@record(frozen=True)
class LoadedExpression:
    """A program given on the command line."""

    source: Source

    def __str__(self) -> str:
        return f"'{self.source.text}'"


Origin: TypeAlias = LoadedFile | LoadedExpression


class Workspace:
    """Variables over an evaluation session. Values are looked at inside :meth:`run` only.

    :param attributes: what is taken of everything that is loaded: attribute paths, or all of it if there are none.
    :param expressions: arguments for functions that are loaded, as programs.
    :param texts: further ones, as strings.
    """

    def __init__(
        self,
        session: EvaluationSession,
        attributes: tuple[str, ...] = (),
        expressions: Mapping[str, str] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self.session = session
        self.variables: dict[str, Lazy] = {}
        self.origins: list[Origin] = []
        self.last_added: tuple[str, ...] | None = None
        self._attributes = attributes
        self._expressions = expressions or {}
        self._texts = texts or {}

    @property
    def directory(self) -> str:
        """Where relative paths start."""
        return os.getcwd()

    def run(self, work: Callable[[], Result]) -> Result:
        """Call ``work`` where values may be evaluated; Ctrl-C ends it. Raises EvaluationError, KeyboardInterrupt."""
        return interruptible(self.session.run, work)

    def names(self) -> Iterator[str]:
        """Every name that is in scope."""
        yield from self.variables
        yield from self.session.evaluator.names.global_names.keys() - self.variables.keys()

    def evaluate(self, source: Source) -> Value:
        """The value of a program that may use the variables."""
        # Most variables are not mentioned; a program need not know of thousands that it does not use.
        mentioned = {name: value for name, value in self.variables.items() if name in source.text}
        try:
            return self.session.evaluator.evaluate(source, mentioned)
        except UndefinedVariableError as error:
            if len(mentioned) == len(self.variables) or error.position is None:
                raise
            # Once more with all of them, from which the message can suggest one.
            return self.session.evaluator.evaluate(source, self.variables)

    def define(self, source: Source) -> None:
        """Take over the attributes of a set that was typed as bindings; they see what was defined before them."""
        self.variables = self.variables | force_attributes(self.evaluate(source))

    def add(self, value: Lazy) -> tuple[str, ...]:
        """Make the attributes of a set variables; returns their names, sorted."""
        what = "while evaluating an attribute set to be merged in the global scope"
        attributes = force_attributes(value, what)
        self.variables = self.variables | attributes
        self.last_added = tuple(sorted_names(attributes))
        return self.last_added

    def load(self, origin: Origin) -> tuple[str, ...]:
        """Add what a file or program evaluates to, functions called as far as they need no arguments."""
        arguments = self.session.automatic_arguments(self._expressions, self._texts)
        value = self._evaluate_origin(origin)
        added: tuple[str, ...] = ()
        for attribute in self._attributes or ("",):
            part = select_along(value, parse_attribute_path(attribute), arguments)
            added += self.add(call_automatically(part, arguments))
        self.last_added = added
        self.remember(origin)
        return added

    def remember(self, origin: Origin) -> None:
        """Load it again, after all others, whenever everything is reloaded."""
        if origin in self.origins:
            self.origins.remove(origin)
        self.origins.append(origin)

    def forget_variables(self) -> None:
        """Start over, as if nothing had been typed or loaded; files are read again."""
        self.variables = {}
        self.session.forget_files()

    def _evaluate_origin(self, origin: Origin) -> Value:
        if isinstance(origin, LoadedExpression):
            return self.session.evaluate_source(origin.source)
        return self.session.evaluate_file(self._find(origin.name))

    def _find(self, name: str) -> str:
        if not name:
            raise EvaluationError("there is no file to load", hint="name one: :load ./default.nix")
        if name.startswith("<") and name.endswith(">"):
            return self._path_of(name)
        if "://" in name:
            return self._path_of(f"builtins.fetchTarball {quote_string(name)}")
        return os.path.normpath(os.path.join(self.directory, os.path.expanduser(name)))

    def _path_of(self, program: str) -> str:
        value = self.session.evaluate_source(Source(program, NAME, self.directory))
        what = "while evaluating the name of a file to load"
        return string_text(coerce_to_string(value, copy_to_store=False, coerce_more=False, what=what))
