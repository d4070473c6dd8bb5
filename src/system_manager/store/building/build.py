"""Building one derivation whose inputs are there and whose outputs are locked."""

from __future__ import annotations

import errno
from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import BuildOutput, Observer
from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Iterable
from system_manager.store.building.builtin.table import BUILDERS
from system_manager.store.building.context import BuildContext, BuiltinBuilder
from system_manager.store.building.environment import builtin_environment
from system_manager.store.building.log import BuildLog, open_log
from system_manager.store.building.outputs import describe_outputs, require_output, take_from_sandbox
from system_manager.store.building.processes import Cancellation
from system_manager.store.building.sandbox import SandboxRequest, run_sandboxed
from system_manager.store.building.settings import BuildSettings
from system_manager.store.building.unsandboxed import run_unsandboxed
from system_manager.store.building.unsupported import refuse_unsupported
from system_manager.store.database import PathInfo
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError
from system_manager.store.layout import StoreLayout
from system_manager.store.metadata import canonicalise, remove_quietly, remove_tree
from system_manager.store.paths import StorePath


@record(frozen=True)
class Workshop:
    """What all builds of one run share."""

    layout: StoreLayout
    settings: BuildSettings
    observer: Observer
    cancellation: Cancellation
    path_info: Callable[[StorePath], PathInfo]

    def builtin(self, derivation: Derivation) -> BuiltinBuilder | None:
        """The builder inside this process, if the derivation wants one; it may be an unknown one, too."""
        return self.settings.extra_builders.get(derivation.builder) or BUILDERS.get(derivation.builder)


@record(frozen=True)
class Build:
    """One build.

    :ivar missing: names of the outputs that are wanted and not valid.
    :ivar closure: what it may use, all of it valid.
    """

    path: StorePath
    derivation: Derivation
    missing: tuple[str, ...]
    closure: Iterable[StorePath]

    def run(self, workshop: Workshop) -> list[PathInfo]:
        """Make the missing outputs and say what to register; on any error nothing is left of them.

        Raises :class:`BuildFailedError` and other kinds of :class:`SystemManagerError`.
        """
        real = {name: workshop.layout.real_path(self.derivation.output_path(name)) for name in self.missing}
        try:
            if self.derivation.builder.startswith("builtin:"):
                self._run_builtin(workshop, real)
            else:
                self._run_process(workshop, real)
            return describe_outputs(self.path, self.derivation, real, self.closure, workshop.path_info)
        except BaseException as error:
            for output in real.values():
                remove_quietly(output)
            if isinstance(error, OSError):
                raise self._explain(error) from error
            if isinstance(error, ValueError):  # a zero byte in a file name, or text that is not UTF-8
                raise BuildFailedError(f"the build failed: {error}", where=str(self.path)) from error
            if isinstance(error, SystemManagerError) and error.where is None:
                error.where = str(self.path)
            raise

    def _run_builtin(self, workshop: Workshop, real: dict[str, Path]) -> None:
        builder = workshop.builtin(self.derivation)
        if builder is None:
            raise BuildFailedError(f"unknown builder '{self.derivation.builder}'", where=str(self.path))
        if len(real) != len(self.derivation.outputs):
            raise BuildFailedError(
                "some outputs of this derivation are there and others are not; its builder makes all of them",
                where=str(self.path),
                hint="collect garbage, then try again",
            )
        for output in real.values():
            remove_tree(output)
        context = BuildContext(self.path, self.derivation, workshop.layout, workshop.observer, self.closure)
        builder.build(builtin_environment(self.derivation), real, context)
        for name, output in real.items():
            require_output(self.path, name, output)
            canonicalise(output)

    def _run_process(self, workshop: Workshop, real: dict[str, Path]) -> None:
        refuse_unsupported(self.path, self.derivation, workshop.settings)

        def report(line: str) -> None:
            workshop.observer.notify(BuildOutput(str(self.path), line))

        log_file = workshop.layout.log_file(self.path)
        with open_log(log_file, workshop.settings.log_lines, report) as log:
            if workshop.settings.sandbox:
                self._run_sandboxed(workshop, real, log)
                return
            for output in real.values():
                remove_tree(output)
            run_unsandboxed(
                self.path,
                self.derivation,
                workshop.layout,
                settings=workshop.settings,
                log=log,
                cancellation=workshop.cancellation,
            )
        for name, output in real.items():
            require_output(self.path, name, output)
            canonicalise(output)

    def _run_sandboxed(self, workshop: Workshop, real: dict[str, Path], log: BuildLog) -> None:
        request = SandboxRequest(self.path, self.derivation, self.closure, log)
        with run_sandboxed(request, workshop.layout, workshop.settings, workshop.cancellation) as (scratch, user):
            produced = {name: (scratch[name], real[name]) for name in real}
            take_from_sandbox(self.path, self.derivation, produced, user)

    def _explain(self, error: OSError) -> BuildFailedError:
        hint = None
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = "free some space, for example by collecting garbage"
        concerned = f" ('{error.filename}')" if error.filename else ""
        return BuildFailedError(
            f"the build failed: {error.strerror or error}{concerned}", where=str(self.path), hint=hint
        )
