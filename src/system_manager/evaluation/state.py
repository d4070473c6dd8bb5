"""What the builtins of one evaluation share."""

from __future__ import annotations

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Observer, Traced, Warned
from system_manager.base.records import field, record
from system_manager.base.type_hints import Callable, Mapping
from system_manager.evaluation.context import DeepDerivation, DerivationOutput, OpaquePath, as_element
from system_manager.evaluation.facts import Facts, NodeKind
from system_manager.evaluation.files import SourceFiles
from system_manager.evaluation.settings import EvaluationSettings, Purity, Realise
from system_manager.evaluation.store_access import EvaluationStore
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    NixPath,
    Value,
    coerce_to_string,
    force,
    make_string,
    normalize_path,
    string_context,
    string_text,
)
from system_manager.store.addressing import IngestionMethod
from system_manager.store.errors import StoreError
from system_manager.store.paths import STORE_DIRECTORY, StorePath

_MAXIMUM_MESSAGES = 10_000


@record()
class EvaluationState:
    """One evaluation: what it may do, what it uses, what it has found.

    :ivar realise: builds what a program imports from; None where that is not possible.
    """

    settings: EvaluationSettings
    store: EvaluationStore
    observer: Observer
    realise: Realise | None
    facts: Facts
    messages: list[Traced | Warned]
    files: SourceFiles = field(init=False)
    _expected: list[Traced | Warned] = field(default_factory=list)
    _copies: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = SourceFiles(self.settings, self.store.store_directory, self.facts)

    def say(self, message: Traced | Warned) -> None:
        """Show a message of the program now, and again whenever its result is taken from the cache."""
        if message in self._expected:
            self._expected.remove(message)
            return
        if len(self.messages) < _MAXIMUM_MESSAGES:
            self.messages.append(message)
        else:
            self.facts.volatile = "the program said more than is worth keeping"
        self.observer.notify(message)

    def expect_repetition(self) -> None:
        """Do not show again what was said so far, when the program, which is evaluated once more, says it again."""
        self._expected = self.messages.copy()

    def forget_files(self) -> None:
        """Look at files again that were looked at before; what was found stays among the facts until then."""
        self.facts.nodes.clear()
        self._copies.clear()

    def store_string(self, path: StorePath) -> Value:
        """The path as a string that depends on it; the program may read it from now on."""
        self.files.allow(str(path))
        return make_string(str(path), frozenset((OpaquePath(path),)))

    def coerce_to_path(self, value: Lazy, what: str) -> tuple[str, frozenset[object]]:
        """The absolute path that a path or string stands for, and the string's context."""
        value = force(value)
        if value.__class__ is NixPath:
            return value.path, frozenset()
        string = coerce_to_string(value, copy_to_store=False, coerce_more=False, what=what)
        text = string_text(string)
        if not text.startswith("/"):
            raise EvaluationError(f"string '{text}' doesn't represent an absolute path", note=what)
        return normalize_path(text), string_context(string)

    def realise_path(self, value: Lazy) -> str:
        """As :meth:`coerce_to_path`; what the context depends on is built first."""
        path, context = self.coerce_to_path(value, "while realising the context of a path")
        if context:
            self.realise_context(context)
        return path

    def realise_context(self, context: frozenset[object]) -> None:
        """Make sure that everything in a context exists, by building it if need be (import from derivation)."""
        wanted: dict[StorePath, frozenset[str]] = {}
        for element in map(as_element, context):
            match element:
                case OpaquePath(path) | DeepDerivation(path):
                    self._require_valid(path)
                case DerivationOutput(derivation, output):
                    self._require_valid(derivation)
                    wanted[derivation] = wanted.get(derivation, frozenset()) | {output}
        if wanted:
            self._build(wanted)

    def _require_valid(self, path: StorePath) -> None:
        if not self.files.is_mounted(str(path)) and not self.store.is_valid(path):
            hint = None if self.settings.write_store else "nothing is written to the store by this command"
            raise EvaluationError(f"path '{path}' is not valid", hint=hint)

    def _build(self, wanted: Mapping[StorePath, frozenset[str]]) -> None:
        if self.settings.trace_import_from_derivation and self.settings.allow_import_from_derivation:
            path, outputs = next(iter(wanted.items()))
            built = f"{path}^{','.join(sorted(outputs))}"
            self.say(Warned(f"built '{built}' during evaluation due to an import from derivation"))
        if not self.settings.allow_import_from_derivation or self.realise is None:
            raise EvaluationError(
                f"cannot build '{next(iter(wanted))}' during evaluation because import from derivation is disabled"
            )
        try:
            self.realise(wanted)
        except SystemManagerError as error:
            raise EvaluationError(error.what, hint=error.hint) from error
        for path, outputs in wanted.items():
            derivation = self.store.read_derivation(path)
            for output in outputs:
                self._allow_closure(derivation.output_path(output))

    def _allow_closure(self, path: StorePath) -> None:
        self.facts.add_node(f"{self.store.store_directory}/{path.base_name}")
        self.facts.add_object(path, True)
        if self.settings.purity is not Purity.IMPURE:
            for member in self.store.closure(path):
                self.files.allow(str(member))

    def copy_to_store(self, path: str) -> Value:
        """The store path of a copy of the file or tree, as a string that depends on it."""
        known = self._copies.get(path)
        if known is None:
            name = path.rpartition("/")[2]
            if name.endswith(".drv"):
                raise EvaluationError(f"file names are not allowed to end in '.drv': '{path}'")
            known = self._copies[path] = self.store_string(self.add_source(path, name, follow=False))
        return known

    def add_source(
        self,
        path: str,
        name: str,
        *,
        method: IngestionMethod = IngestionMethod.RECURSIVE,
        accept: Callable[[str, str], bool] | None = None,
        follow: bool = True,
    ) -> StorePath:
        """Add a file or tree.

        :param accept: gets paths as the program sees them, and types.
        :param follow: a link is copied as what it leads to; otherwise as a link.
        """
        resolved = self.files.resolve(path, last=follow)
        kind = self.files.look_existing(resolved).kind
        if method is IngestionMethod.FLAT and kind is not NodeKind.REGULAR:
            raise EvaluationError(f"'{path}' is not a regular file", hint="only a recursive hash takes others")
        real = self.files.real(resolved)
        self._note_tree_top(real)

        def check(found: str, kind: str) -> bool:
            inside = found[len(real) :]
            if accept is not None and not accept(resolved + inside, kind):
                return False
            self.facts.add_tree_node(found, kind)
            return True

        try:
            return self.store.add_path(real, name, method, check)
        except StoreError as error:
            raise EvaluationError(error.what, hint=error.hint) from error
        except OSError as error:
            raise EvaluationError(f"cannot read '{path}': {error.strerror}") from error

    def _note_tree_top(self, real: str) -> None:
        self.facts.add_tree_node(real, self.facts.add_node(real).kind.value)

    def store_path_in(self, path: str) -> StorePath | None:
        """The store path at or above a path, if it is inside the store."""
        if not path.startswith(STORE_DIRECTORY + "/"):
            return None
        try:
            return StorePath.containing(path)[0]
        except StoreError:
            return None
