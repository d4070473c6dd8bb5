"""How builds are made on this machine."""

from __future__ import annotations

import os
import platform

from system_manager.base.records import field, record
from system_manager.base.type_hints import Mapping
from system_manager.store.building.context import BuiltinBuilder

HOST_DIRECTORIES = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives")
"""What builders see of the distribution, read-only: its shell and tools."""


def current_system() -> str:
    """Nix's name of this machine, e.g. ``x86_64-linux``."""
    machine = platform.machine()
    return f"{ {'arm64': 'aarch64', 'amd64': 'x86_64'}.get(machine, machine) }-linux"


def _default_jobs() -> int:
    return max(1, len(os.sched_getaffinity(0)))


@record(frozen=True)
class BuildSettings:
    """Settings of :func:`.realise.realise`.

    :ivar jobs: how many builds that take time may run at once.
    :ivar cores: what builders are told with ``NIX_BUILD_CORES``.
    :ivar sandbox: without it, builders see and can change what the current user can. Only for machines that allow
        no sandbox, and for derivations that are trusted.
    :ivar keep_going: after a failure, still build what does not depend on it.
    :ivar timeout_seconds: how long one build may take; None for ever.
    :ivar log_lines: how many of the builder's last lines an error quotes.
    :ivar extra_builders: builders by name, ``builtin:…``, in addition to the ones of the store.
    """

    jobs: int = field(default_factory=_default_jobs)
    cores: int = field(default_factory=_default_jobs)
    sandbox: bool = True
    keep_going: bool = False
    timeout_seconds: float | None = None
    log_lines: int = 25
    system: str = field(default_factory=current_system)
    host_directories: tuple[str, ...] = HOST_DIRECTORIES
    extra_builders: Mapping[str, BuiltinBuilder] = field(default_factory=dict)
