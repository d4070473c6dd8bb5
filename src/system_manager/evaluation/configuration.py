"""From a user's file to the derivation of a toplevel.

The file is a NixOS-style module. It is given to the library's ``default.nix`` together with the distribution's
packages; what is wanted of the answer is ``toplevel``, after ``config.assertions`` all held.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Observer
from system_manager.evaluation.cache import CachedResult, EvaluationCache
from system_manager.evaluation.distribution import Distribution, distribution_value
from system_manager.evaluation.instantiate import FoundDerivation, read_derivation
from system_manager.evaluation.selection import parse_attribute_path, select_along
from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.evaluation.state import Realise
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    NixPath,
    Value,
    apply,
    coerce_to_string,
    force_attributes,
    force_bool,
    force_list,
    is_derivation,
    select,
    string_text,
)
from system_manager.store.paths import StorePath
from system_manager.store.store import Store

LIBRARY = Path(__file__).parents[1] / "library"


class ConfigurationError(SystemManagerError):
    """The configuration says that it cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class ConfigurationSource:
    """The configuration that is meant: a file, or the part of it at an attribute path."""

    file: Path
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluatedConfiguration:
    """What came out.

    :ivar derivation: the toplevel's ``.drv`` file, which is in the store.
    :ivar output: where the toplevel will be once it is built.
    :ivar warnings: the configuration's own remarks (``config.warnings``).
    :ivar from_cache: nothing had to be evaluated.
    """

    derivation: StorePath
    output: StorePath
    warnings: tuple[str, ...]
    from_cache: bool


@dataclass(frozen=True, slots=True)
class ConfigurationEvaluator:
    """Evaluates configurations into one store.

    :ivar settings: those of the evaluation; they must allow to write the store.
    :ivar cache: where results are kept; None evaluates every time.
    :ivar code_cache: a directory of this user's for compiled programs.
    """

    store: Store
    settings: EvaluationSettings
    distribution: Distribution
    observer: Observer
    realise: Realise | None = None
    cache: EvaluationCache | None = None
    code_cache: Path | None = None

    def evaluate(self, source: ConfigurationSource) -> EvaluatedConfiguration:
        """The toplevel of a configuration.

        Raises :class:`EvaluationError`, and :class:`ConfigurationError` with every assertion that failed.
        """
        _refuse_flake(source.file)
        key = "" if self.cache is None else self._key(self.cache, source)
        if self.cache is not None:
            known = self.cache.lookup(key, accept=self._is_in_store)
            if known is not None:
                return self._replay(known)
        with EvaluationSession(
            self.settings,
            store=self.store,
            observer=self.observer,
            realise=self.realise,
            code_cache=self.code_cache,
        ) as session:
            found, output, warnings = session.run(lambda: self._find_toplevel(session, source))
            if self.cache is not None:
                value = {"derivation": str(found.path), "output": output, "warnings": warnings}
                self.cache.store(key, value, session.facts, session.messages)
        return EvaluatedConfiguration(found.path, StorePath.parse(output), tuple(warnings), from_cache=False)

    def _key(self, cache: EvaluationCache, source: ConfigurationSource) -> str:
        settings = self.settings
        return cache.key(
            "configuration",
            str(source.file.absolute()),
            source.attribute or "",
            str(self.store.layout.root),
            settings.purity.value,
            settings.system,
            repr(settings.search_path),
            repr(sorted(settings.allowed_paths)),
            self.distribution.identity,
            self.distribution.version,
        )

    def _is_in_store(self, value: dict[str, str]) -> bool:
        # Also keeps it from being collected while this process goes on to build it.
        return self.store.assure_valid(StorePath.parse(value["derivation"]))

    def _replay(self, known: CachedResult) -> EvaluatedConfiguration:
        for message in known.messages:
            self.observer.notify(message)
        return EvaluatedConfiguration(
            StorePath.parse(known.value["derivation"]),
            StorePath.parse(known.value["output"]),
            tuple(known.value["warnings"]),
            from_cache=True,
        )

    def _find_toplevel(
        self, session: EvaluationSession, source: ConfigurationSource
    ) -> tuple[FoundDerivation, str, list[str]]:
        file = str(source.file.absolute())
        configuration: Lazy = NixPath(file)
        if source.attribute is not None:
            path = parse_attribute_path(source.attribute)
            configuration = select_along(session.evaluate_file(file), path, {})
            if is_derivation(configuration):  # made with the library's makeSystemConfig
                return _read_toplevel(configuration, _config_of(configuration))
        library = session.evaluate_file(str(LIBRARY))
        distribution = distribution_value(self.distribution, self.settings.system, session.facts)
        result = apply(library, {"distribution": distribution, "configuration": configuration})
        config = force_attributes(select(result, "config"))
        warnings = _check(config)
        return (*_read_toplevel(select(result, "toplevel"), None)[:2], warnings)


def _refuse_flake(file: Path) -> None:
    if file.name == "flake.nix":
        raise ConfigurationError(
            "flakes cannot be evaluated yet",
            where=str(file),
            hint="write the configuration into a system.nix beside it, and name that with --file",
        )


def _config_of(toplevel: Value) -> dict[str, Lazy] | None:
    return force_attributes(toplevel["config"]) if "config" in toplevel else None


def _read_toplevel(toplevel: Value, config: dict[str, Lazy] | None) -> tuple[FoundDerivation, str, list[str]]:
    warnings = [] if config is None else _check(config)
    if not is_derivation(toplevel):
        raise EvaluationError("the configuration's toplevel is not a derivation")
    output = string_text(coerce_to_string(toplevel, copy_to_store=False, coerce_more=False))
    return read_derivation(toplevel), output, warnings


def _check(config: dict[str, Lazy]) -> list[str]:
    """The configuration's warnings; raise :class:`ConfigurationError` if an assertion fails."""
    failed = []
    for assertion in force_list(config.get("assertions", ()), "while evaluating the option `assertions`"):
        fields = force_attributes(assertion, "while evaluating one of the `assertions`")
        if not force_bool(select(fields, "assertion"), "while evaluating an assertion of the configuration"):
            failed.append(_text(select(fields, "message"), "while evaluating the message of a failed assertion"))
    if failed:
        listed = "\n".join(f"- {message}" for message in failed)
        raise FailedAssertionsError(f"the configuration contradicts itself:\n{listed}", failed)
    warnings = force_list(config.get("warnings", ()), "while evaluating the option `warnings`")
    return [_text(warning, "while evaluating one of the `warnings`") for warning in warnings]


def _text(value: Lazy, what: str) -> str:
    return string_text(coerce_to_string(value, copy_to_store=False, coerce_more=False, what=what))


class FailedAssertionsError(EvaluationError):
    """Conditions that the configuration sets for itself do not hold. ``messages`` has one for each."""

    def __init__(self, what: str, messages: list[str]) -> None:
        super().__init__(what)
        self.messages = tuple(messages)
