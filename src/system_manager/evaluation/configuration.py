"""From a user's file to the derivation of a toplevel.

The file is a NixOS-style module. It is given to the library's ``default.nix`` together with the distribution's
packages; what is wanted of the answer is ``toplevel``, after ``config.assertions`` all held.
"""

from __future__ import annotations

import os
from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Observer
from system_manager.base.records import record
from system_manager.evaluation.cache import CachedResult, EvaluationCache
from system_manager.evaluation.package_index import Distribution
from system_manager.evaluation.settings import EvaluationSettings, Realise
from system_manager.store.paths import StorePath
from system_manager.store.store import Store


class ConfigurationError(SystemManagerError):
    """The configuration says that it cannot be used as it is."""


@record(frozen=True)
class ConfigurationSource:
    """The configuration that is meant: a file, or the part of it at an attribute path."""

    file: Path
    attribute: str | None = None


@record(frozen=True)
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


@record(frozen=True)
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
    code_cache: str | os.PathLike[str] | None = None

    def evaluate(self, source: ConfigurationSource) -> EvaluatedConfiguration:
        """The toplevel of a configuration.

        Raises :class:`~system_manager.language.errors.EvaluationError`, :class:`.toplevel.FailedAssertionsError` among
        them, and :class:`ConfigurationError`.
        """
        _refuse_flake(source.file)
        key = "" if self.cache is None else self._key(self.cache, source)
        if self.cache is not None:
            known = self.cache.lookup(key, accept=self._is_in_store)
            if known is not None:
                return self._replay(known)
        # Imported here: a result that is at hand needs no evaluator.
        from system_manager.evaluation.session import EvaluationSession  # noqa: PLC0415
        from system_manager.evaluation.toplevel import find_toplevel  # noqa: PLC0415
        from system_manager.language.errors import MissingAttributeError  # noqa: PLC0415

        with EvaluationSession(
            self.settings,
            store=self.store,
            observer=self.observer,
            realise=self.realise,
            code_cache=self.code_cache,
        ) as session:
            file = str(source.file.absolute())
            try:
                found = session.run(lambda: find_toplevel(session, file, source.attribute, self.distribution))
            except MissingAttributeError as error:
                # A set does not know what it is for; it may well be `pkgs`.
                advice = None if self.distribution.packages is None else self.distribution.packages.advice()
                if advice is not None and error.hint is None:
                    error.hint = f"if this is a package, {advice}"
                raise
            if self.cache is not None:
                value = {
                    "derivation": str(found.derivation),
                    "output": str(found.output),
                    "warnings": list(found.warnings),
                }
                self.cache.store(key, value, session.facts, session.messages)
        return EvaluatedConfiguration(found.derivation, found.output, found.warnings, from_cache=False)

    def _key(self, cache: EvaluationCache, source: ConfigurationSource) -> str:
        return cache.key(
            "configuration",
            str(source.file.absolute()),
            source.attribute or "",
            str(self.store.layout.root),
            *self.settings.identity(),
            self.distribution.identity,
            self.distribution.version,
            self.distribution.package_manager,
            repr((self.distribution.locked, self.distribution.dependencies)),
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


def _refuse_flake(file: Path) -> None:
    if file.name == "flake.nix":
        raise ConfigurationError(
            "flakes cannot be evaluated yet",
            where=str(file),
            hint="write the configuration into a system.nix beside it, and name that with --file",
        )
