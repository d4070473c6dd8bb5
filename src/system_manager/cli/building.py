"""From a configuration to a toplevel in the store: evaluating and building, with the distribution's packages."""

from __future__ import annotations

import contextlib
from pathlib import Path

from system_manager.base.events import Observer, PhaseFinished, PhaseStarted, Warned
from system_manager.base.type_hints import Iterator, Mapping
from system_manager.cli.distribution import distribution_of, package_system
from system_manager.cli.places import cache_directory
from system_manager.cli.selection import Choice, find_configuration
from system_manager.cli.settings import Settings
from system_manager.evaluation.package_index import Distribution
from system_manager.evaluation.settings import Realise
from system_manager.store.paths import StorePath
from system_manager.store.store import Store


@contextlib.contextmanager
def built_toplevel(
    choice: Choice, settings: Settings, observer: Observer, *, link: Path | None = None, repair: bool = False
) -> Iterator[str]:
    """The store path of the toplevel that was chosen; safe from the garbage collector inside the ``with`` block.

    :param link: a link to make to it, which keeps it safe afterwards, too.
    :param repair: build again what is missing from the store although it was built, or is not what was built.
    """
    if choice.store_path is not None:
        yield choice.store_path
        return
    file = find_configuration(choice.file, Path(settings.root))
    if repair:
        _repair_store(choice, file, settings, observer)
    with Store.open(Path(settings.store_root)) as store:
        toplevel = _build(choice, file, store, settings, observer)
        if link is not None:
            store.add_root(link, toplevel)
        yield str(toplevel)


def _repair_store(choice: Choice, file: Path, settings: Settings, observer: Observer) -> None:
    """Make again what the toplevel refers to and is not there, or not as it was registered."""
    from system_manager.store.recovery import forget_damaged, forget_missing, register_again
    from system_manager.store.temporary_roots import collector_lock

    root = Path(settings.store_root)
    with Store.open(root) as store, collector_lock(store.layout, exclusive=False):
        lost = forget_missing(store.layout, store.database)
        toplevel = _build(choice, file, store, settings, observer)
        damaged = forget_damaged(store.layout, store.database, store.closure([toplevel]))
        for count, what in ((len(lost), "missing from the store"), (len(damaged), "damaged")):
            if count:
                observer.notify(Warned(f"{count} paths are {what}, or refer to one that is: made again"))
        if damaged:
            with Store.open(root) as again:  # which has not looked at them yet
                _build(choice, file, again, settings, observer)
        register_again(store.layout, store.database, {**lost, **damaged})


def realiser(store: Store, settings: Settings, observer: Observer) -> Realise:
    """A function that builds outputs of derivations in this store."""

    def build(wanted: Mapping[StorePath, frozenset[str]]) -> None:
        from system_manager.cli.distribution_builders import distribution_builders
        from system_manager.store.building.realise import realise
        from system_manager.store.building.settings import BuildSettings

        system = package_system(settings)
        building = BuildSettings(extra_builders=distribution_builders(None if system is None else system.new_manager()))
        realise(store, list(wanted.items()), observer=observer, settings=building)

    return build


def _build(choice: Choice, file: Path, store: Store, settings: Settings, observer: Observer) -> StorePath:
    return build_for(choice, file, store, settings, observer=observer, distribution=distribution_of(file, settings))


def build_for(
    choice: Choice,
    file: Path,
    store: Store,
    settings: Settings,
    *,
    observer: Observer,
    distribution: Distribution,
    cached: bool = True,
) -> StorePath:
    """The toplevel of a configuration on one distribution.

    :param cached: whether the result of an earlier evaluation will do.
    """
    from system_manager.cli.evaluation_options import evaluation_settings
    from system_manager.evaluation.cache import EvaluationCache
    from system_manager.evaluation.configuration import ConfigurationEvaluator, ConfigurationSource

    choice.language.apply(settings)
    realise = realiser(store, settings, observer)
    cache = EvaluationCache(Path(cache_directory("evaluation")), distribution.packages, lambda: store)
    evaluator = ConfigurationEvaluator(
        store,
        evaluation_settings(choice.search_path, choice.language, write_store=True),
        distribution,
        observer,
        realise=realise,
        cache=cache if cached and choice.language.switch("eval-cache", True) else None,
        code_cache=cache_directory("code"),
    )
    observer.notify(PhaseStarted(f"evaluating {file}"))
    evaluated = evaluator.evaluate(ConfigurationSource(file, choice.attribute))
    observer.notify(PhaseFinished(f"evaluating {file}"))
    for warning in evaluated.warnings:
        observer.notify(Warned(warning))
    if not store.assure_valid(evaluated.output):
        observer.notify(PhaseStarted("building"))
        realise({evaluated.derivation: frozenset({"out"})})
        observer.notify(PhaseFinished("building"))
    return evaluated.output
