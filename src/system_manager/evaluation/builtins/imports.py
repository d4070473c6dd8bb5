"""``import`` and ``scopedImport``."""

from __future__ import annotations

from system_manager.base.type_hints import Callable, Iterator
from system_manager.evaluation.context import DeepDerivation, DerivationOutput
from system_manager.evaluation.facts import NodeKind
from system_manager.evaluation.state import EvaluationState
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import Lazy, Value, defer, force, force_attributes, make_string
from system_manager.language.source import Source
from system_manager.store.errors import StoreError
from system_manager.store.paths import StorePath

Evaluate = Callable[[Source, dict[str, Lazy] | None], Value]

_MAXIMUM_LINKS = 1024


class ImportBuiltins:
    """Programs in files. A file is evaluated at most once, however it is reached."""

    def __init__(self, state: EvaluationState, evaluate: Evaluate) -> None:
        self._state = state
        self._evaluate = evaluate
        self._files: dict[str, Lazy] = {}

    def forget(self) -> None:
        """Evaluate files again that were evaluated before."""
        self._files.clear()

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield Builtin("import", 1, self.import_, "Evaluate the program in a file, or in a directory's `default.nix`.")
        yield Builtin("scopedImport", 2, self.scoped_import, "As `import`, with more names in scope.")

    def import_(self, path: Lazy) -> Value:
        """A ``.drv`` file of the store becomes the derivation that it holds."""
        where = self._state.realise_path(path)
        derivation = self._valid_derivation(where)
        return self._read_derivation(derivation) if derivation else self.evaluate_file(where)

    def scoped_import(self, scope: Lazy, path: Lazy) -> Value:
        """The scope's names hide builtins; the result is not remembered."""
        what = "while evaluating the first argument passed to builtins.scopedImport"
        where = self._state.realise_path(path)
        return self._run(self.program_file(where), force_attributes(scope, what))

    def evaluate_file(self, path: str) -> Value:
        """The value of the program at a path."""
        file = self.program_file(path)
        known = self._files.get(file)
        if known is None:
            known = self._files[file] = defer(self._run, file, None)
        return force(known)

    def _run(self, file: str, scope: dict[str, Lazy] | None) -> Value:
        data = self._state.files.read(file)
        return self._evaluate(Source.from_bytes(data, file, file.rpartition("/")[0] or "/"), scope)

    def program_file(self, path: str) -> str:
        """The file that a path stands for: links followed, so that relative paths in it work, and ``default.nix``."""
        files = self._state.files
        for _ in range(_MAXIMUM_LINKS):
            node = files.look_existing(files.resolve(path, last=False))
            if node.target is None:
                break
            parent = path.rpartition("/")[0]
            path = files.resolve(node.target if node.target.startswith("/") else f"{parent}/{node.target}", last=False)
        else:
            raise EvaluationError(f"too many symbolic links encountered while traversing the path '{path}'")
        if node.kind is NodeKind.DIRECTORY:
            path = f"{path.rstrip('/')}/default.nix"
            files.look_existing(files.resolve(path))
        return path

    def _valid_derivation(self, path: str) -> StorePath | None:
        found = self._state.store_path_in(path)
        if found is None or str(found) != path or not found.is_derivation or not self._state.store.is_valid(found):
            return None
        return found

    def _read_derivation(self, path: StorePath) -> Value:
        try:
            derivation = self._state.store.read_derivation(path)
        except StoreError as error:
            raise EvaluationError(error.what, hint=error.hint) from error
        outputs = sorted(derivation.outputs)
        common: dict[str, Lazy] = {
            "type": "derivation",
            "name": derivation.environment.get("name", ""),
            "drvPath": make_string(str(path), frozenset((DeepDerivation(path),))),
        }
        by_output: dict[str, dict[str, Lazy]] = {}
        for output in outputs:
            place = str(derivation.output_path(output))
            by_output[output] = common | {
                "outPath": make_string(place, frozenset((DerivationOutput(path, output),))),
                "outputName": output,
            }
        for attributes in by_output.values():
            attributes.update(by_output, all=tuple(by_output[output] for output in outputs))
        return by_output[outputs[0]]
