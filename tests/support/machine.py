"""Machines to change: Debian containers with a real systemd, made fresh in seconds and thrown away.

A machine's disk is an overlay over three cached layers: a Debian root, a virtual environment with our
dependencies, and this checkout's wheel installed into it. The container has no network; packages come from a
repository inside it (``/srv/apt``), so that ``apt`` does its real work offline.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import roots

CHECKOUT = Path(__file__).resolve().parents[2]
SUITES = ("bookworm", "trixie", "sid")
SUITE = SUITES[0]  # what a machine has unless a test asks for another one
REQUIRED_TOOLS = (*roots.REQUIRED_TOOLS, "systemd-nspawn", "nsenter", "mount", "umount")
PROGRAM = "/opt/system-manager"
_OWN_FILE_SYSTEM_BYTES = 4 << 30

_NSPAWN = (
    "--boot",
    "--quiet",
    "--register=no",  # there may be no systemd outside to register with
    "--keep-unit",
    "--private-network",
    "--console=pipe",
    "--link-journal=no",
    "--resolv-conf=off",
    "--timezone=off",
)

_PACKAGES = (
    "apt-utils",
    "ca-certificates",
    "curl",
    "dbus",
    "iproute2",
    "libpam-systemd",
    "procps",
    "python3",
    "python3-venv",
    "sudo",
    "systemd",
    "systemd-sysv",
)

# What configurations in tests and examples may ask for; with everything these depend on.
_OFFERED = ("cron", "hello", "nginx", "nginx-light", "openssh-client", "openssh-server", "ripgrep", "fd-find", "tree")

_SETUP = f"""
root=$1
chroot "$root" apt-get update -q
chroot "$root" apt-get install -q -y --no-install-recommends --download-only {" ".join(_OFFERED)}
mkdir -p "$root/srv/apt/pool"
mv "$root"/var/cache/apt/archives/*.deb "$root/srv/apt/pool/"

# Two versions of a package with a service that starts itself on installation, as Debian's do.
for version in 1.0 2.0; do
    build="$root/srv/greeter-$version"
    mkdir -p "$build/DEBIAN" "$build/usr/bin" "$build/lib/systemd/system"
    cat > "$build/DEBIAN/control" <<END
Package: greeter
Version: $version
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: says hello and starts a service
END
    printf '#!/bin/sh\\necho greeter %s\\n' $version > "$build/usr/bin/greeter"
    printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' \\
        > "$build/lib/systemd/system/greeter.service"
    printf '#!/bin/sh\\nset -e\\nif [ "$1" = configure ]; then systemctl enable greeter.service; %s; fi\\n' \\
        'invoke-rc.d greeter start || true' > "$build/DEBIAN/postinst"
    chmod 0755 "$build/DEBIAN/postinst" "$build/usr/bin/greeter"
    chroot "$root" dpkg-deb --root-owner-group --build /srv/greeter-$version /srv/apt/pool > /dev/null
    rm -r "$build"
done

mkdir -p "$root/srv/apt/dists/@suite@/main/binary-amd64"
chroot "$root" sh -euc '
    cd /srv/apt
    apt-ftparchive packages pool > dists/@suite@/main/binary-amd64/Packages
    apt-ftparchive -o APT::FTPArchive::Release::Codename=@suite@ -o APT::FTPArchive::Release::Components=main \\
        release dists/@suite@ > /tmp/Release
    mv /tmp/Release dists/@suite@/Release
    rm -f /etc/apt/sources.list.d/*
    echo "deb [trusted=yes] file:/srv/apt @suite@ main" > /etc/apt/sources.list
    rm -rf /var/lib/apt/lists/*
    apt-get update -q
    systemctl mask systemd-networkd-wait-online.service
    useradd --create-home --shell /bin/bash admin
    echo "admin ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/admin
'
echo machine > "$root/etc/hostname"
printf '127.0.0.1 localhost machine\\n' > "$root/etc/hosts"
"""


# Debian has the package managers of other distributions: dnf 4 in one suite, dnf 5 in another. dnf 4 needs its
# dnf-plugins-core for `dnf download`, which does not want to be together with zypper, because both have a program
# "needs-restarting", so it is only unpacked.
_PACKAGE_MANAGERS = {
    "bookworm": ("createrepo-c", "dnf", "makepkg", "pacman-package-manager", "rpm", "zstd", "zypper"),
    "sid": ("createrepo-c", "dnf5", "rpm", "zstd"),
}
_PACKAGE_MANAGERS_SETUP = """
chroot "$1" sh -euc '
    cd /tmp
    if [ -e /usr/bin/dnf5 ]; then
        ln -s dnf5 /usr/bin/dnf
    else
        apt-get install -q -y --no-install-recommends python3-dateutil python3-dbus
        apt-get download -q dnf-plugins-core
        dpkg-deb --extract dnf-plugins-core*.deb /
        rm dnf-plugins-core*.deb
    fi
    mkdir -p /etc/rpm
    echo "%_dbpath /var/lib/rpm" > /etc/rpm/macros
    rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/* /etc/zypp/repos.d /etc/yum.repos.d
'
echo machine > "$1/etc/hostname"
"""


def recipe(suite: str, *, package_managers: bool = False) -> roots.Recipe:
    """What the Debian below a machine is made of; with ``package_managers`` it could be another distribution."""
    if package_managers:
        return roots.Recipe(suite, (*_PACKAGES, *_PACKAGE_MANAGERS[suite]), _PACKAGE_MANAGERS_SETUP)
    return roots.Recipe(suite, _PACKAGES, _SETUP.replace("@suite@", suite))


class BootError(Exception):
    """The container did not come up, or did not go down."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What there is to compare about one file."""

    kind: str
    mode: int
    user: int
    group: int
    content: str  # digest of a file, text of a link, empty for everything else


def snapshot(directory: Path) -> dict[str, Entry]:
    """Everything below ``directory``, by relative path; times are left out."""
    result = {}
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            kind, content = "link", str(path.readlink())
        elif stat.S_ISREG(status.st_mode):
            kind, content = "file", hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            kind, content = ("directory" if path.is_dir() else "other"), ""
        entry = Entry(kind, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, content)
        result[str(path.relative_to(directory))] = entry
    return result


def _run(command: Sequence[str | Path], **options: object) -> str:
    completed = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload] # options are passed through as they are
    if completed.returncode != 0:
        raise roots.UnavailableError(f"{' '.join(map(str, command))} failed:\n{completed.stdout}{completed.stderr}")
    return str(completed.stdout)


def _mount_overlay(where: Path, lowers: Sequence[Path], upper: Path, work: Path) -> None:
    for directory in (where, upper, work):
        directory.mkdir(parents=True, exist_ok=True)
    layers = ":".join(str(layer) for layer in lowers)
    _run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={layers},upperdir={upper},workdir={work}", where])


def _layer(name: str, lowers: Sequence[Path], wheels: Path, script: str) -> Path:
    """A cached directory with what ``script`` adds to ``lowers`` when run inside them; ``wheels`` is at /mnt."""

    def make(directory: Path) -> None:
        mounted = directory / "mounted"
        _mount_overlay(mounted, lowers, directory / "upper", directory / "work")
        try:
            enter = 'mount --rbind /dev "$0/dev"; mount -t proc proc "$0/proc"; mount --bind "$1" "$0/mnt"; shift'
            inside = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "sh", "-euc", script]
            _run(["unshare", "--mount", "sh", "-euc", f'{enter}; exec chroot "$0" "$@"', mounted, wheels, *inside])
        finally:
            _run(["umount", mounted])

    return roots.cached_directory(name, make) / "upper"


def _digest(*parts: bytes) -> str:
    result = hashlib.sha256()
    for part in parts:
        result.update(len(part).to_bytes(8, "big") + part)
    return result.hexdigest()[:16]


def _source_digest() -> str:
    found = itertools.chain(*((CHECKOUT / part).rglob("*") for part in ("bin", "src")))
    files = sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)
    return _digest(
        (CHECKOUT / "pyproject.toml").read_bytes(),
        *itertools.chain.from_iterable((str(f.relative_to(CHECKOUT)).encode(), f.read_bytes()) for f in files),
    )


def _environment_layer(base: Path, where: str, requirements: Sequence[str]) -> Path:
    """A virtual environment at ``where`` with the newest versions from PyPI that were there when it was made."""
    key = _digest(base.name.encode(), *([] if where == PROGRAM else [where.encode()]), *map(str.encode, requirements))

    def download(directory: Path) -> None:
        version = (base / "usr/bin/python3").readlink().name.removeprefix("python")
        platform = ["--python-version", version, "--implementation", "cp", "--only-binary=:all:"]
        tags = [f"--platform=manylinux{tag}_x86_64" for tag in ("2014", "_2_17", "_2_28")] + ["--platform=any"]
        _run([sys.executable, "-m", "pip", "download", "-q", *platform, *tags, "-d", directory, *requirements])

    wheels = roots.cached_directory(f"wheels-{key}", download)
    script = f"python3 -m venv {where}; {where}/bin/pip install -q --no-index /mnt/*.whl"
    return _layer(f"dependencies-{key}", [base], wheels, script)


def _dependencies() -> list[str]:
    found: list[str] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["dependencies"]
    return found


def _program_layer(lowers: Sequence[Path]) -> Path:
    key = _digest(lowers[0].parent.name.encode(), _source_digest().encode())

    def build(directory: Path) -> None:
        _run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", directory, CHECKOUT])

    wheel = roots.cached_directory(f"wheel-{key}", build)
    script = f"""
        {PROGRAM}/bin/pip install -q --no-index --no-deps /mnt/*.whl
        ln -s {PROGRAM}/bin/system-manager {PROGRAM}/bin/system-manager-engine /usr/local/bin/
    """
    return _layer(f"program-{key}", lowers, wheel, script)


def layers(
    suite: str = SUITE,
    environments: Mapping[str, Sequence[str]] | None = None,
    *,
    package_managers: bool = False,
) -> list[Path]:
    """The read-only layers of a machine with this checkout installed, topmost first.

    :param environments: virtual environments to be there as well: the directory, and what to install.
    """
    roots.require(*REQUIRED_TOOLS)
    base = roots.cached_root(recipe(suite, package_managers=package_managers))
    dependencies = _environment_layer(base, PROGRAM, _dependencies())
    program = _program_layer([dependencies, base])
    for pattern in ("program-*", "wheel-*"):  # every change of the sources makes new ones
        roots.forget_unused(pattern)
    others = [_environment_layer(base, where, wanted) for where, wanted in (environments or {}).items()]
    return [program, dependencies, *others, base]


@dataclass(slots=True)
class Machine:
    """One container. ``root`` is its file system as seen from outside, also while it is down.

    :ivar lowers: the read-only layers below it.
    """

    name: str
    directory: Path
    root: Path
    lowers: tuple[Path, ...]
    _process: subprocess.Popen[bytes] | None = field(default=None)
    _init: int | None = field(default=None)

    def path(self, inside: str) -> Path:
        """Where a path of the machine is outside of it. Links in it are not followed."""
        return self.root / inside.lstrip("/")

    def write(self, inside: str, text: str) -> None:
        """Write a file of the machine, its directories included."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def copy_in(self, outside: Path, inside: str) -> None:
        """Copy a file or a directory into the machine."""
        if outside.is_dir():
            shutil.copytree(outside, self.path(inside), dirs_exist_ok=True)
        else:
            self.path(inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(outside, self.path(inside))

    def boot(self, *, timeout: float = 300) -> None:
        """Start it and wait until systemd has finished starting, degraded or not."""
        with (self.directory / "console").open("ab") as console:
            nspawn = ["systemd-nspawn", f"--directory={self.root}", f"--machine={self.name}", *_NSPAWN]
            self._process = subprocess.Popen(
                ["sh", "-c", _IN_CGROUPS, "sh", " ".join(map(str, _make_cgroups(self.name))), *nspawn],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # What today's distributions have, and the only hierarchy that systemd knows since version 258.
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self._init = self._find_init(self._process)
            if self._init is not None and self.path_in_namespace("/run/dbus/system_bus_socket").exists():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    answer = self.run(["systemctl", "is-system-running", "--wait"], check=False, timeout=timeout)
                    if answer.stdout.strip() in ("running", "degraded"):
                        return
            time.sleep(0.1)
        raise BootError(f"{self.name} is not up after {timeout:g} seconds; its console said:\n{self.console()[-4000:]}")

    def path_in_namespace(self, inside: str) -> Path:
        """The same as :meth:`path`, through the machine's own mounts (``/run``, ``/tmp``); only while it is up."""
        return Path(f"/proc/{self._init}/root{inside}")

    @staticmethod
    def _find_init(process: subprocess.Popen[bytes]) -> int | None:
        if process.poll() is not None:
            raise BootError(f"systemd-nspawn ended with status {process.returncode}")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            for child in children:
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return int(child)
        return None

    def console(self) -> str:
        """Everything that the machine printed while booting."""
        return (self.directory / "console").read_text(errors="replace")

    def command(self, command: Sequence[str] | str, environment: Mapping[str, str] | None = None) -> list[str]:
        """The command line that runs ``command`` (a string is given to bash) inside, with a clean environment."""
        if self._init is None:
            raise BootError(f"{self.name} is not running")
        arguments = ["bash", "-c", command] if isinstance(command, str) else list(command)
        variables = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "USER": "root",
            "LOGNAME": "root",
            "LANG": "C.UTF-8",
            **(environment or {}),
        }
        settings = [f"{name}={value}" for name, value in variables.items()]
        enter = ["nsenter", f"--target={self._init}", "--mount", "--uts", "--ipc", "--net", "--pid"]
        return [*enter, "env", "-i", "--chdir=/root", *settings, *arguments]

    def run(
        self,
        command: Sequence[str] | str,
        *,
        check: bool = True,
        environment: Mapping[str, str] | None = None,
        stdin: str | None = None,
        timeout: float | None = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root and return what it said. With ``check`` a failure shows its whole output."""
        completed = subprocess.run(
            self.command(command, environment),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
        if check and completed.returncode != 0:
            said = f"{completed.stdout}\n{completed.stderr}".strip()
            raise AssertionError(f"{command!r} ended with status {completed.returncode}:\n{said}")
        return completed

    def run_without_systemd(self, command: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a bash command in the machine while it is down: its file system is there, its systemd is not."""
        if self._process is not None:
            raise BootError(f"{self.name} is running")
        nspawn = ["systemd-nspawn", f"--directory={self.root}", f"--machine={self.name}", "--as-pid2", "--pipe"]
        options = [option for option in _NSPAWN if option not in ("--boot", "--console=pipe")]
        completed = subprocess.run(
            [*nspawn, *options, "--setenv=HOME=/root", "--chdir=/root", "bash", "-c", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if check and completed.returncode != 0:
            raise AssertionError(
                f"{command!r} ended with status {completed.returncode}:\n{completed.stdout}{completed.stderr}"
            )
        return completed

    def stop(self, *, timeout: float = 120) -> None:
        """Shut down in good order; a machine that does not obey is killed. Nothing happens when it is down."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)  # nspawn hands it on as a request to power off
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = self._init = None
        _remove_cgroups(self.name)

    def kill(self) -> None:
        """Cut the power: every process ends at once. What was written but not synced is still there afterwards."""
        if self._process is None:
            return
        if self._init is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._init, signal.SIGKILL)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = self._init = None
        _remove_cgroups(self.name)

    def lose_power(self) -> None:
        """As :meth:`kill`, and what no flush has waited for is lost as far as it is not on disk by chance.

        For a machine with a file system of its own: its disk goes on as what is in its image now.
        """
        self.kill()
        disk, image = self.directory / "disk", self.directory / "image"
        copy = self.directory / "image.copy"
        _run(["cp", "--sparse=always", image, copy])
        _run(["umount", self.root])
        _run(["umount", disk])
        copy.rename(image)
        _run(["mount", "-o", "loop", image, disk])
        _mount_overlay(self.root, self.lowers, disk / "upper", disk / "work")

    def reboot(self) -> None:
        """Shut down in good order and start again."""
        self.stop()
        self.boot()

    def snapshot(self, inside: str) -> dict[str, Entry]:
        """Everything below a directory of the machine."""
        return snapshot(self.path(inside))


# systemd-nspawn gives every machine the cgroup "payload" below its own. Machines that share it remove each other's
# cgroups, and kill each other's services of the same name.
_IN_CGROUPS = 'for group in $1; do echo $$ > "$group/cgroup.procs"; done; shift; exec "$@"'


def _cgroup_parents() -> Iterator[Path]:
    """Our own cgroup in every hierarchy that a systemd manages: that of version 2, and its own of version 1."""
    places = {"": ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"), "name=systemd": ("/sys/fs/cgroup/systemd",)}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for place in places.get(controllers, ()):
            directory = Path(place) / path.lstrip("/")
            if (directory / "cgroup.procs").exists():
                yield directory


def _make_cgroups(name: str) -> list[Path]:
    groups = [parent / name for parent in _cgroup_parents()]
    for group in groups:
        group.mkdir(exist_ok=True)
    return groups


def _remove_cgroups(name: str) -> None:
    for parent in _cgroup_parents():
        for directory, _, _ in os.walk(parent / name, topdown=False):
            with contextlib.suppress(OSError):  # its last process may be ending yet
                Path(directory).rmdir()


_numbers = itertools.count(1)


@contextlib.contextmanager
def machine(
    *,
    suite: str = SUITE,
    disk_bytes: int | None = None,
    own_file_system: bool = False,
    boot: bool = True,
    environments: Mapping[str, Sequence[str]] | None = None,
    package_managers: bool = False,
) -> Iterator[Machine]:
    """A fresh machine with this checkout installed; gone, with its disk, at the end.

    :param suite: which Debian it has, one of :data:`SUITES`.
    :param disk_bytes: how much can be written to its disk, unlimited by default.
    :param own_file_system: its disk is an ext4 of its own, so that a flush waits for nobody else's writes.
    :param environments: as for :func:`layers`.
    :param package_managers: with those of other distributions that the suite has, instead of a repository for apt.
    """
    lowers = layers(suite, environments, package_managers=package_managers)
    runs = roots.cache_directory() / "running"
    _remove_leftovers(runs)
    name = f"sm-{os.getpid()}-{next(_numbers)}"
    directory = runs / name
    directory.mkdir(parents=True)
    disk = directory / "disk"
    disk.mkdir()
    if disk_bytes is not None:
        _run(["mount", "-t", "tmpfs", "-o", f"size={disk_bytes}", "tmpfs", disk])
    elif own_file_system:
        _run(["truncate", f"--size={_OWN_FILE_SYSTEM_BYTES}", directory / "image"])
        _run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", directory / "image"])
        _run(["mount", "-o", "loop", directory / "image", disk])
    root = directory / "root"
    _mount_overlay(root, lowers, disk / "upper", disk / "work")
    # With an identity of its own the machine does not think that it boots for the first time.
    (root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    result = Machine(name, directory, root, tuple(lowers))
    try:
        if boot:
            result.boot()
        yield result
    finally:
        result.stop()
        _remove(directory)


def _remove(directory: Path) -> None:
    for mounted in (directory / "root", directory / "disk"):
        if mounted.is_mount():
            _run(["umount", mounted])
    roots.remove_tree(directory)


def _remove_leftovers(runs: Path) -> None:
    """Remove what test processes left that were killed before they could clean up."""
    for directory in runs.glob("sm-*-*"):
        if not Path(f"/proc/{directory.name.split('-')[1]}").exists():
            with contextlib.suppress(roots.UnavailableError, subprocess.CalledProcessError):
                _remove(directory)
