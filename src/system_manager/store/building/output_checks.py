"""What a derivation promises about its outputs beyond their content.

``allowedReferences``, ``allowedRequisites``, ``disallowedReferences``, ``disallowedRequisites`` and, with structured
attributes, ``outputChecks.<output>`` with these and ``maxSize`` and ``maxClosureSize``. Nix manual, "Advanced
attributes".
"""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Mapping
from system_manager.store.building.environment import structured_attributes
from system_manager.store.database import PathInfo
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError, InvalidDerivationError, InvalidStorePathError
from system_manager.store.paths import StorePath

_LISTS = ("allowedReferences", "allowedRequisites", "disallowedReferences", "disallowedRequisites")


@record(frozen=True)
class OutputChecks:
    """The promises about one output, as the derivation writes them: paths, or names of its outputs.

    :ivar ignore_self: an output does not count among its own requisites.
    """

    allowed_references: tuple[str, ...] | None = None
    allowed_requisites: tuple[str, ...] | None = None
    disallowed_references: tuple[str, ...] = ()
    disallowed_requisites: tuple[str, ...] = ()
    maximum_size: int | None = None
    maximum_closure_size: int | None = None
    ignore_self: bool = False


def parse_output_checks(derivation: Derivation) -> dict[str, OutputChecks]:
    """Read the promises of a derivation, by output. Raises :class:`InvalidDerivationError`."""
    attributes = structured_attributes(derivation)
    if attributes is None:
        lists = {
            name: tuple(value.split()) for name in _LISTS if (value := derivation.environment.get(name)) is not None
        }
        return dict.fromkeys(derivation.outputs, _checks(lists, None, None, ignore_self=True)) if lists else {}
    given = attributes.get("outputChecks", {})
    if not isinstance(given, dict):
        raise InvalidDerivationError(f"attribute 'outputChecks' of derivation '{derivation.name}' must be a set")
    return {name: _parse_structured(derivation, value) for name, value in given.items()}


def _parse_structured(derivation: Derivation, value: object) -> OutputChecks:
    malformed = InvalidDerivationError(f"attribute 'outputChecks' of derivation '{derivation.name}' is malformed")
    if not isinstance(value, dict):
        raise malformed
    lists: dict[str, tuple[str, ...]] = {}
    for name in _LISTS:
        items = value.get(name)
        if items is None:
            continue
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise malformed
        lists[name] = tuple(items)
    sizes = [value.get(name) for name in ("maxSize", "maxClosureSize")]
    if not all(size is None or isinstance(size, int) for size in sizes):
        raise malformed
    return _checks(lists, *sizes, ignore_self=False)


def _checks(
    lists: Mapping[str, tuple[str, ...]], size: int | None, closure_size: int | None, *, ignore_self: bool
) -> OutputChecks:
    return OutputChecks(
        allowed_references=lists.get("allowedReferences"),
        allowed_requisites=lists.get("allowedRequisites"),
        disallowed_references=lists.get("disallowedReferences", ()),
        disallowed_requisites=lists.get("disallowedRequisites", ()),
        maximum_size=size,
        maximum_closure_size=closure_size,
        ignore_self=ignore_self,
    )


def check_outputs(
    derivation: Derivation, infos: Mapping[str, PathInfo], path_info: Callable[[StorePath], PathInfo]
) -> None:
    """Raise :class:`BuildFailedError` for a broken promise.

    :param infos: what was built, by output; not registered yet.
    :param path_info: what is known about everything else.
    """
    built = {info.path: info for info in infos.values()}

    def info_of(path: StorePath) -> PathInfo:
        return built.get(path) or path_info(path)

    for output, checks in parse_output_checks(derivation).items():
        if output in infos:
            _Check(derivation, infos[output], info_of).run(checks)


@record(frozen=True)
class _Check:
    derivation: Derivation
    info: PathInfo
    info_of: Callable[[StorePath], PathInfo]

    def run(self, checks: OutputChecks) -> None:
        """Check one output."""
        closure = self._closure()
        if checks.maximum_size is not None and self.info.nar_size > checks.maximum_size:
            raise self._broken(f"is too large at {self.info.nar_size} bytes; limit is {checks.maximum_size} bytes")
        if checks.maximum_closure_size is not None:
            size = sum(self.info_of(path).nar_size for path in closure)
            if size > checks.maximum_closure_size:
                raise self._broken(f"has a closure of {size} bytes; limit is {checks.maximum_closure_size} bytes")
        if checks.ignore_self:
            closure = closure - {self.info.path}
        if checks.allowed_references is not None:
            self._refuse(self.info.references - self._paths(checks.allowed_references))
        if checks.allowed_requisites is not None:
            self._refuse(closure - self._paths(checks.allowed_requisites))
        self._refuse(self.info.references & self._paths(checks.disallowed_references))
        self._refuse(closure & self._paths(checks.disallowed_requisites))

    def _closure(self) -> set[StorePath]:
        found: set[StorePath] = set()
        pending = [self.info.path]
        while pending:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending.extend(self.info_of(path).references)
        return found

    def _paths(self, texts: tuple[str, ...]) -> set[StorePath]:
        paths = set()
        for text in texts:
            if text in self.derivation.outputs:
                paths.add(self.derivation.output_path(text))
                continue
            try:
                paths.add(StorePath.parse(text))
            except InvalidStorePathError:
                raise InvalidDerivationError(
                    f"derivation '{self.derivation.name}' has an output check with '{text}', "
                    "which is neither a store path nor the name of an output"
                ) from None
        return paths

    def _refuse(self, paths: set[StorePath] | frozenset[StorePath]) -> None:
        if paths:
            listed = "\n".join(f"  {path}" for path in sorted(paths))
            raise self._broken(f"is not allowed to refer to the following paths:\n{listed}")

    def _broken(self, what: str) -> BuildFailedError:
        return BuildFailedError(f"output '{self.info.path}' {what}")
