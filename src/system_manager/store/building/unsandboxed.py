"""Runs one builder process without a sandbox, for machines that allow none.

The builder is then an ordinary process of the current user, in a directory of its own and with the environment of
a builder. It can read and change whatever this user can.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

from system_manager.base.process import CommandFailedError, start
from system_manager.base.type_hints import Iterator
from system_manager.store.building.environment import BUILD_DIRECTORY, BuilderInput, prepare_builder_input
from system_manager.store.building.log import BuildLog
from system_manager.store.building.processes import Cancellation, builder_failed, follow_output
from system_manager.store.building.settings import BuildSettings
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError
from system_manager.store.layout import StoreLayout
from system_manager.store.paths import StorePath


def run_unsandboxed(
    path: StorePath,
    derivation: Derivation,
    layout: StoreLayout,
    *,
    settings: BuildSettings,
    log: BuildLog,
    cancellation: Cancellation,
) -> None:
    """Run the builder, which writes its outputs to where they belong. Raises :class:`BuildFailedError`."""
    if layout.root != Path("/"):
        raise BuildFailedError(
            f"without a sandbox nothing can be built in the store under '{layout.root}'",
            where=str(path),
            hint="builders know the store as /nix/store; turn the sandbox on, or use the store of the machine",
        )
    with _build_directory() as directory:
        builder_input = prepare_builder_input(derivation, cores=settings.cores)
        for name, content in builder_input.files.items():
            (directory / name).write_bytes(content.encode("utf-8", "surrogateescape"))
        command = _command(builder_input, directory)
        try:
            process = start(command, directory=directory)
        except (CommandFailedError, OSError) as error:
            raise BuildFailedError(f"the builder cannot be started: {error}", where=str(path)) from error
        with process:
            try:
                assert process.stdin is not None
                process.stdin.close()
                follow_output(process, log, settings.timeout_seconds, cancellation)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
        if process.returncode != 0:
            raise builder_failed(process.returncode, log, str(path))


def _command(builder_input: BuilderInput, directory: Path) -> list[str]:
    # Through env(1), so that nothing of this process's environment reaches the builder.
    command = ["env", "--ignore-environment"]
    for name, value in builder_input.environment.items():
        # What names the build directory does so with the place that it has in a sandbox.
        if value == BUILD_DIRECTORY or value.startswith(f"{BUILD_DIRECTORY}/.attr"):
            value = str(directory) + value.removeprefix(BUILD_DIRECTORY)  # noqa: PLW2901 - the same value, elsewhere
        command.append(f"{name}={value}")
    return [*command, builder_input.builder, *builder_input.arguments[1:]]


@contextlib.contextmanager
def _build_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="system-manager-build-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
