"""What has to be built for a goal, and in which order it can be."""

from __future__ import annotations

from system_manager.base.records import field, record
from system_manager.base.type_hints import Iterable
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError, InvalidDerivationError, PathNotValidError
from system_manager.store.paths import StorePath
from system_manager.store.store import Store


@record(eq=False)
class Step:
    """One derivation that has to be built.

    :ivar waits_for: the derivations that must be built before it.
    :ivar awaited_by: the other direction.
    """

    path: StorePath
    derivation: Derivation
    waits_for: set[StorePath] = field(default_factory=set)
    awaited_by: list[Step] = field(default_factory=list)


@record(frozen=True)
class BuildGraph:
    """What :func:`plan_builds` found.

    :ivar steps: what has to be built.
    :ivar derivations: these, and those that they need directly.
    :ivar results: for each goal the store paths of the outputs that are wanted, by name.
    """

    steps: dict[StorePath, Step]
    derivations: dict[StorePath, Derivation]
    results: dict[StorePath, dict[str, StorePath]]


def plan_builds(store: Store, goals: Iterable[tuple[StorePath, Iterable[str] | None]]) -> BuildGraph:
    """Find what is missing.

    What the result speaks of is protected from the collector. Raises :class:`PathNotValidError` for a derivation
    or a source that is not there, :class:`InvalidDerivationError` for an output that does not exist.
    """
    steps: dict[StorePath, Step] = {}
    results: dict[StorePath, dict[str, StorePath]] = {}
    satisfied: set[StorePath] = set()
    derivations: dict[StorePath, Derivation] = {}
    pending: list[tuple[StorePath, frozenset[str] | None, Step | None]] = []
    for path, outputs in goals:
        pending.append((path, None if outputs is None else frozenset(outputs), None))
        results[path] = {}
    while pending:
        path, outputs, dependent = pending.pop()
        derivation = derivations.get(path)
        if derivation is None:
            derivation = derivations[path] = _read(store, path)
        names = derivation.outputs.keys() if outputs is None else outputs
        wanted = {name: derivation.output_path(name) for name in sorted(names)}
        if dependent is None:
            results[path] |= wanted
        step = steps.get(path)
        if step is None:
            missing = [own for own in wanted.values() if own not in satisfied and not store.assure_valid(own)]
            satisfied.update(own for own in wanted.values() if own not in missing)
            if not missing:
                continue
            step = steps[path] = Step(path, derivation)
            _require_sources(store, step)
            pending.extend((child, names, step) for child, names in derivation.input_derivations.items())
        if dependent is not None and path not in dependent.waits_for:
            dependent.waits_for.add(path)
            step.awaited_by.append(dependent)
    return BuildGraph(steps, derivations, results)


def _read(store: Store, path: StorePath) -> Derivation:
    if not store.assure_valid(path):
        raise PathNotValidError(f"derivation '{path}' is not valid")
    derivation = store.read_derivation(path)
    if not derivation.outputs:
        raise InvalidDerivationError(f"derivation '{path}' has no outputs")
    return derivation


def _require_sources(store: Store, step: Step) -> None:
    for source in sorted(step.derivation.input_sources):
        if not store.assure_valid(source):
            raise BuildFailedError(f"the source '{source}' is not valid, and is needed", where=str(step.path))


class Closures:
    """Closures of valid paths, remembered while a graph is built: most builds share most of theirs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._references: dict[StorePath, frozenset[StorePath]] = {}

    def of(self, paths: Iterable[StorePath]) -> set[StorePath]:
        """The paths and all that they refer to."""
        found: set[StorePath] = set()
        pending = list(paths)
        while pending:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending.extend(self._references_of(path))
        return found

    def _references_of(self, path: StorePath) -> frozenset[StorePath]:
        references = self._references.get(path)
        if references is None:
            references = self._references[path] = self._store.path_info(path).references
        return references
