"""A real Nix to compare with: Debian's ``nix-bin`` in a chroot of its own.

Every call runs in a mount namespace of its own, so nothing stays mounted afterwards and calls may run side by side.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import roots

SUITES: Mapping[str, str] = {"2.26": "trixie", "2.34": "sid"}

_SETUP = """
mkdir -p "$1/etc/nix"
# No build users and no sandbox: the builders run as root inside the chroot, as the sandbox would need a kernel's help.
printf 'build-users-group =\\nsandbox = false\\nsubstitute = false\\nexperimental-features = nix-command flakes\\n' \\
    > "$1/etc/nix/nix.conf"
# One call initialises store and database, so that parallel calls never race to do it.
chroot "$1" nix-store --init
"""

_NEW_NAMESPACE = ("unshare", "--mount", "sh", "-euc")

# $1 = root, $2 = number of mounts, then pairs (outside, inside), then the command.
_ENTER = """
root=$1 count=$2; shift 2
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
while [ "$count" -gt 0 ]; do
    if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root${2%/*}"; touch "$root$2"; fi
    mount --rbind "$1" "$root$2"
    shift 2; count=$((count - 1))
done
exec chroot "$root" "$@"
"""


@dataclass(slots=True)
class Oracle:
    """A chroot with Nix in it. ``root`` is its directory; ``root / "nix"`` is its store."""

    root: Path
    _shared: dict[str, Path] = field(default_factory=dict)

    def share(self, directory: Path, inside: str | None = None) -> None:
        """Let later calls see ``directory``, under the same path or under ``inside``, e.g. ``/nix``."""
        self._shared[inside or str(directory.resolve())] = directory.resolve()

    def unshare(self, inside: str) -> None:
        """Take back what :meth:`share` did."""
        del self._shared[inside]

    def run(
        self,
        command: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002  (the name that subprocess.run has)
        environment: Mapping[str, str] | None = None,
        check: bool = False,
        timeout: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside; ``/tmp`` is empty each time. The environment is constructed, not inherited."""
        mounts = [str(part) for inside, outside in self._shared.items() for part in (outside, inside)]
        completed = subprocess.run(
            [*_NEW_NAMESPACE, _ENTER, "enter", str(self.root), str(len(self._shared)), *mounts, *command],
            input=None if input is None else _encode(input),
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/root",
                "LANG": "C.UTF-8",
                **(environment or {}),
            },
            check=check,
            timeout=timeout,
        )
        output, errors = _decode(completed.stdout), _decode(completed.stderr)
        return subprocess.CompletedProcess(completed.args, completed.returncode, output, errors)


# Programs may print any bytes, and a carriage return is not a line end: Python's text mode is of no use.
def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def nix(version: str = "2.26") -> Oracle:
    """The oracle with this Nix (``2.26`` from trixie, ``2.34`` from sid). Raises :class:`roots.UnavailableError`."""
    recipe = roots.Recipe(SUITES[version], ("nix-bin", "git", "ca-certificates"), _SETUP)
    return Oracle(roots.cached_root(recipe))
