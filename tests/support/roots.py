"""Root file systems made by mmdebstrap, kept between runs.

A root is identified by the content of its recipe, so a changed recipe makes a new root and an unchanged one
costs nothing. Several test processes may ask for the same root at once: the first makes it, the others wait.
Roots live outside the checkout, in ``$SYSTEM_MANAGER_TEST_CACHE`` or ``$XDG_CACHE_HOME/system-manager/tests``.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_FORMAT = 2  # changed with the way in which recipes are carried out

_KEPT_SECONDS = 3 * 24 * 3600

REQUIRED_TOOLS = ("mmdebstrap", "unshare", "chroot")


class UnavailableError(Exception):
    """The machine that runs the tests lacks something; the message says what."""


def cache_directory() -> Path:
    """Where roots are kept."""
    chosen = os.environ.get("SYSTEM_MANAGER_TEST_CACHE")
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "system-manager" / "tests"


def require(*tools: str) -> None:
    """Raise :class:`UnavailableError` unless we are root and every tool is installed."""
    if os.geteuid() != 0:
        raise UnavailableError("needs root, to make and enter root file systems")
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise UnavailableError(f"needs {', '.join(missing)}; on Debian: apt-get install mmdebstrap systemd-container")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a root is made of.

    ``setup`` is a shell script that mmdebstrap runs outside the new root after its packages are installed, with
    the root's path as ``$1``; the network is there.
    """

    suite: str
    packages: tuple[str, ...]
    setup: str = ""

    @property
    def key(self) -> str:
        """A short name for the content of this recipe."""
        return hashlib.sha256(repr((_FORMAT, self.suite, self.packages, self.setup)).encode()).hexdigest()[:16]


@contextlib.contextmanager
def _only_one_process(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def cached_directory(name: str, make: Callable[[Path], None]) -> Path:
    """Return the cached directory of this name, made by ``make(empty directory)`` when it is not there yet."""
    directory = cache_directory() / name
    if directory.exists():
        os.utime(directory)
        return directory
    with _only_one_process(cache_directory() / f"{name}.lock"):
        if directory.exists():
            return directory
        unfinished = cache_directory() / f"{name}.unfinished"
        remove_tree(unfinished)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(directory)
    return directory


def forget_unused(pattern: str) -> None:
    """Remove cached directories of these names that nobody has asked for in days."""
    for directory in cache_directory().glob(pattern):
        with contextlib.suppress(FileNotFoundError):  # another process gives it its name, or removes it
            if directory.is_dir() and time.time() - directory.stat().st_mtime > _KEPT_SECONDS:
                remove_tree(directory)
                directory.with_name(f"{directory.name}.lock").unlink(missing_ok=True)


def cached_root(recipe: Recipe) -> Path:
    """Return a root file system made after ``recipe``. It is shared: never write to it."""
    require(*REQUIRED_TOOLS)
    return cached_directory(f"{recipe.suite}-{recipe.key}", lambda directory: _bootstrap(recipe, directory))


def _bootstrap(recipe: Recipe, directory: Path) -> None:
    command = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--mode=root",
        "--format=directory",
        "--skip=output/dev",  # device nodes come with the mount of the host's /dev
        "--skip=cleanup/apt/lists",
        '--aptopt=Acquire::Languages "none"',
        '--aptopt=Acquire::Retries "3"',
        '--aptopt=Acquire::Check-Valid-Until "false"',  # a mirror that stands still is as good as another
        f"--include={','.join(recipe.packages)}",
    ]
    if recipe.setup:
        script = directory.with_suffix(".setup")
        script.write_text(recipe.setup)
        command.append(f'--customize-hook=sh -eu {script} "$1"')
    completed = subprocess.run([*command, recipe.suite, str(directory)], capture_output=True, text=True, check=False)
    if completed.returncode != 0:
        remove_tree(directory)
        raise UnavailableError(f"mmdebstrap could not make a {recipe.suite} root:\n{completed.stderr[-4000:]}")


def remove_tree(directory: Path) -> None:
    """Remove a directory, read-only store paths below it included. Does nothing when it is not there."""
    if directory.exists():
        # As root every directory can be written; rm is many times faster than shutil here.
        subprocess.run(["rm", "-rf", "--one-file-system", str(directory)], check=True)
