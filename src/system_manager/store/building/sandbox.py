"""Runs one builder process in a sandbox and leaves its outputs to the caller.

The builder has its own mount, process, network, IPC, host name and user namespaces. It sees the closure of its
inputs and the distribution's tools read-only, an empty build directory, and no network unless its output is
fixed. :mod:`.sandbox_init` makes all that; this module describes it and waits.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from system_manager.base.process import start
from system_manager.base.records import record
from system_manager.base.type_hints import Iterable, Iterator
from system_manager.store.building import sandbox_init
from system_manager.store.building.build_users import BuildUser, acquire_build_user
from system_manager.store.building.environment import BUILD_DIRECTORY, BuilderInput, prepare_builder_input
from system_manager.store.building.log import BuildLog
from system_manager.store.building.processes import Cancellation, builder_failed, follow_output
from system_manager.store.building.settings import BuildSettings
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError, SandboxUnavailableError
from system_manager.store.layout import StoreLayout
from system_manager.store.metadata import remove_quietly, remove_tree
from system_manager.store.paths import STORE_DIRECTORY, StorePath

_USER, _GROUP = 1000, 100  # as every Nix sandbox shows them
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_NETWORK_FILES = (
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
)
_FILES = {
    "/etc/passwd": (
        "root:x:0:0:Nix build user:/build:/noshell\n"
        f"nixbld:x:{_USER}:{_GROUP}:Nix build user:/build:/noshell\n"
        "nobody:x:65534:65534:Nobody:/:/noshell\n"
    ),
    "/etc/group": f"root:x:0:\nnixbld:!:{_GROUP}:\nnogroup:x:65534:\n",
}
_HOSTS = "127.0.0.1 localhost\n::1 localhost\n"
_SETUP_HINT = (
    "allow unprivileged user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0), "
    "build as root, or turn the sandbox off if you trust the derivations"
)


@record(frozen=True)
class SandboxRequest:
    """One build.

    :ivar closure: everything that the builder may see in the store.
    """

    path: StorePath
    derivation: Derivation
    closure: Iterable[StorePath]
    log: BuildLog


@contextlib.contextmanager
def run_sandboxed(
    request: SandboxRequest, layout: StoreLayout, settings: BuildSettings, cancellation: Cancellation
) -> Iterator[tuple[dict[str, Path], int]]:
    """Run the builder; give where its outputs are now, by name, and the user who owns them.

    The body moves the outputs it wants; the rest is removed when it ends. Raises :class:`BuildFailedError`,
    :class:`SandboxUnavailableError`, OSError.
    """
    directory = layout.store_directory / f"{request.path.base_name}.chroot"
    with acquire_build_user(layout) as user:
        remove_tree(directory)
        try:
            builder_input = prepare_builder_input(request.derivation, cores=settings.cores)
            _prepare_directory(directory, builder_input, user)
            description = _describe(
                request, layout, settings, directory=directory, builder_input=builder_input, user=user
            )
            _run(description, request, settings, cancellation)
            outputs = {
                name: directory / "store" / request.derivation.output_path(name).base_name
                for name in request.derivation.outputs
            }
            yield outputs, user.user
        finally:
            remove_quietly(directory)  # what is left of it goes before the next build, or with the garbage


def _prepare_directory(directory: Path, builder_input: BuilderInput, user: BuildUser) -> None:
    directory.mkdir(mode=0o700)
    for name in ("root", "store", "build", "tmp"):
        (directory / name).mkdir(mode=0o700)
    for name, content in builder_input.files.items():
        (directory / "build" / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    if user.user != os.geteuid():
        for name in ("store", "build", "tmp", *(f"build/{file}" for file in builder_input.files)):
            os.chown(directory / name, user.user, user.group)


def _describe(
    request: SandboxRequest,
    layout: StoreLayout,
    settings: BuildSettings,
    *,
    directory: Path,
    builder_input: BuilderInput,
    user: BuildUser,
) -> dict[str, object]:
    fixed = request.derivation.is_fixed_output
    mounts: list[dict[str, object]] = []
    links: dict[str, str] = {"/dev/fd": "/proc/self/fd"}
    links |= {f"/dev/{name}": f"/proc/self/fd/{number}" for number, name in enumerate(("stdin", "stdout", "stderr"))}

    def show(source: Path, target: str, *, read_only: bool = True) -> None:
        mounts.append({"source": str(source), "target": target, "read_only": read_only})

    show(directory / "store", STORE_DIRECTORY, read_only=False)
    show(directory / "build", BUILD_DIRECTORY, read_only=False)
    show(directory / "tmp", "/tmp", read_only=False)  # noqa: S108 - inside the sandbox
    for name in _DEVICES:
        show(Path("/dev") / name, f"/dev/{name}", read_only=False)
    for name in settings.host_directories:
        # A merged /usr is a set of links, which stay links inside.
        if Path(name).is_symlink():
            links[name] = os.readlink(name)  # noqa: PTH115 - the text as it is
        elif Path(name).exists():
            show(Path(name), name)
    for name in _NETWORK_FILES if fixed else ():
        # Some of these are links to places that a builder does not see.
        if Path(name).exists():
            show(Path(name).resolve(), name)
    for path in request.closure:
        real = layout.real_path(path)
        if real.is_symlink():
            links[str(path)] = os.readlink(real)  # noqa: PTH115 - the text as it is
        else:
            show(real, str(path))
    return {
        "root": str(directory / "root"),
        "mounts": mounts,
        "links": links,
        "files": _FILES if fixed else {**_FILES, "/etc/hosts": _HOSTS},
        "builder": builder_input.builder,
        "arguments": builder_input.arguments,
        "environment": dict(builder_input.environment),
        "directory": BUILD_DIRECTORY,
        "network": fixed,
        "user": _USER,
        "group": _GROUP,
        "outer_user": user.user,
        "outer_group": user.group,
    }


def _run(
    description: dict[str, object], request: SandboxRequest, settings: BuildSettings, cancellation: Cancellation
) -> None:
    """Start the sandbox, pass on what the builder prints, and raise unless it succeeds."""
    report_read, report_write = os.pipe()
    program = Path(sandbox_init.__file__)
    command = [sys.executable, "-I", "-S", str(program), str(report_write), str(os.getpid())]
    try:
        process = start(command, pass_descriptors=(report_write,))
    except BaseException:
        os.close(report_read)
        raise
    finally:
        os.close(report_write)
    with process, os.fdopen(report_read, "rb") as report:
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # the report says why it did not read
                process.stdin.write(json.dumps(description).encode())
                process.stdin.close()
            follow_output(process, request.log, settings.timeout_seconds, cancellation)
        except BaseException:
            process.terminate()  # the processes inside go with it
            raise
        answer = report.readline()
    _judge(answer, request)


def _judge(answer: bytes, request: SandboxRequest) -> None:
    where = str(request.path)
    message = json.loads(answer) if answer else {}
    if "error" in message:
        step, text = message["step"], message["error"]
        if str(step).startswith("executing "):
            raise BuildFailedError(f"{step} failed: {text}", where=where)
        raise SandboxUnavailableError(
            f"this machine does not let us make a sandbox: {step} failed: {text}", where=where, hint=_SETUP_HINT
        )
    if "status" not in message:
        raise BuildFailedError("the sandbox was killed", where=where)
    if (status := os.waitstatus_to_exitcode(message["status"])) != 0:
        raise builder_failed(status, request.log, where)
