"""Making store paths exist: building what is missing, in order.

Builders that only write files run here, one after another; those that take time run in threads, several at once.
All outputs are registered from one thread, in batches. A derivation's outputs are locked while it is built, and
this never waits for a lock while it holds others, so two processes that build the same things share the work and
cannot block each other.
"""

from __future__ import annotations

import concurrent.futures
import threading
from collections import deque

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import BuildFinished, BuildStarted, Event, NullObserver, Observer
from system_manager.base.files import umask
from system_manager.base.type_hints import Iterable
from system_manager.store.building.build import Build, Workshop
from system_manager.store.building.graph import BuildGraph, Closures, Step, plan_builds
from system_manager.store.building.processes import BuildCancelledError, Cancellation
from system_manager.store.building.settings import BuildSettings
from system_manager.store.database import PathInfo
from system_manager.store.errors import BuildFailedError
from system_manager.store.path_locks import PathLocks
from system_manager.store.paths import StorePath
from system_manager.store.store import Store

_LOCK_PATIENCE_SECONDS = 1.0  # between attempts to get a lock, while own builds are running


def realise(
    store: Store,
    goals: Iterable[tuple[StorePath, Iterable[str] | None]],
    *,
    observer: Observer | None = None,
    settings: BuildSettings | None = None,
) -> dict[StorePath, dict[str, StorePath]]:
    """Build the outputs that are wanted of each derivation, and what they need, unless they are there.

    :param goals: derivations and names of outputs; None stands for all of them.
    :returns: for each derivation the store paths of the outputs that were asked for.

    What is returned is a temporary root until the store is closed. Raises :class:`BuildFailedError` and other kinds
    of :class:`StoreError`; whatever was built whole until then stays valid.
    """
    graph = plan_builds(store, goals)
    if graph.steps:
        store.require_writable()
        cancellation = Cancellation()
        try:
            workshop = Workshop(
                store.layout,
                settings or BuildSettings(),
                _SerialisedObserver(observer or NullObserver()),
                cancellation,
                store.path_info,
            )
            # What builders make is refused when others may write to it, whatever whoever runs this is used to.
            with umask(0o022), store.batch():
                _Scheduler(store, graph, workshop).run()
        finally:
            cancellation.close()
    return graph.results


class _SerialisedObserver:
    """Hears from several threads, and tells one thing at a time."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._lock = threading.Lock()

    def notify(self, event: Event) -> None:
        with self._lock:
            self._observer.notify(event)


class _Scheduler:
    def __init__(self, store: Store, graph: BuildGraph, workshop: Workshop) -> None:
        self._store = store
        self._workshop = workshop
        self._closures = Closures(store)
        self._derivations = graph.derivations
        self._ready = deque(step for step in graph.steps.values() if not step.waits_for)
        self._locked_elsewhere: deque[Step] = deque()
        self._running: dict[concurrent.futures.Future[list[PathInfo]], tuple[Step, PathLocks]] = {}
        self._failures: list[SystemManagerError] = []
        self._pool = concurrent.futures.ThreadPoolExecutor(workshop.settings.jobs, thread_name_prefix="build")

    def run(self) -> None:
        """Carry out all steps; raise what the failed ones raised."""
        try:
            while self._ready or self._locked_elsewhere or self._running:
                self._advance()
                if self._failures and not self._workshop.settings.keep_going:
                    break
        finally:
            # Reached with builds running only if something failed or was interrupted.
            self._workshop.cancellation.cancel()
            self._pool.shutdown(wait=True, cancel_futures=True)
            for _, locks in self._running.values():
                locks.release()
        if self._failures:
            raise _merge(self._failures)

    def _advance(self) -> None:
        while self._ready and not (self._failures and not self._workshop.settings.keep_going):
            step = self._ready.popleft()
            if not self._start(step, wait=False):
                self._locked_elsewhere.append(step)
        if self._running:
            # Others may wait for what is finished here.
            self._store.flush()
            patience = _LOCK_PATIENCE_SECONDS if self._locked_elsewhere else None
            done, _ = concurrent.futures.wait(
                self._running, timeout=patience, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future in done:
                self._collect(future)
            self._ready.extend(self._locked_elsewhere)
            self._locked_elsewhere.clear()
        elif self._locked_elsewhere:
            self._store.flush()
            self._start(self._locked_elsewhere.popleft(), wait=True)

    def _start(self, step: Step, *, wait: bool) -> bool:
        """Build the step or begin to; return False if its outputs are locked by somebody else."""
        derivation = step.derivation
        paths = {name: derivation.output_path(name) for name in sorted(derivation.outputs)}
        if self._finish_if_valid(step, paths):
            return True
        self._store.add_temporary_roots(paths.values())
        locks = PathLocks()
        if not locks.acquire([self._store.real_path(path) for path in paths.values()], wait=wait):
            return False
        try:
            if self._finish_if_valid(step, paths):
                return True
            missing = tuple(name for name, path in paths.items() if not self._store.assure_valid(path))
            build = Build(step.path, derivation, missing, self._closures.of(self._inputs(step)))
            self._workshop.observer.notify(BuildStarted(str(step.path)))
            builtin = self._workshop.builtin(derivation)
            if builtin is not None and builtin.is_quick:
                self._register(step, build.run(self._workshop), locks)
            else:
                self._running[self._pool.submit(build.run, self._workshop)] = (step, locks)
                locks = PathLocks()
        except SystemManagerError as error:
            self._fail(step, error)
        finally:
            locks.release()
        return True

    def _inputs(self, step: Step) -> list[StorePath]:
        inputs = list(step.derivation.input_sources)
        for path, names in step.derivation.input_derivations.items():
            inputs.extend(self._derivations[path].output_path(name) for name in names)
        return inputs

    def _finish_if_valid(self, step: Step, paths: dict[str, StorePath]) -> bool:
        """Another process, or another derivation with the same fixed output, may have made the outputs."""
        if not all(self._store.assure_valid(path) for path in paths.values()):
            return False
        self._succeed(step)
        return True

    def _collect(self, future: concurrent.futures.Future[list[PathInfo]]) -> None:
        step, locks = self._running.pop(future)
        try:
            self._register(step, future.result(), locks)
        except SystemManagerError as error:
            self._fail(step, error)
        finally:
            locks.release()

    def _register(self, step: Step, infos: list[PathInfo], locks: PathLocks) -> None:
        self._store.register(infos, locks)
        self._workshop.observer.notify(BuildFinished(str(step.path)))
        self._succeed(step)

    def _succeed(self, step: Step) -> None:
        for dependent in step.awaited_by:
            dependent.waits_for.discard(step.path)
            if not dependent.waits_for:
                self._ready.append(dependent)

    def _fail(self, step: Step, error: SystemManagerError) -> None:
        # What depends on it never becomes ready.
        if not isinstance(error, BuildCancelledError):
            if error.where is None:
                error.where = str(step.path)
            self._failures.append(error)


def _merge(failures: list[SystemManagerError]) -> SystemManagerError:
    if len(failures) == 1:
        return failures[0]
    listed = "\n\n".join(str(failure) for failure in failures)
    return BuildFailedError(f"{len(failures)} builds failed:\n{listed}")
