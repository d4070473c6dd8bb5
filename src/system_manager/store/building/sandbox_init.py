# ruff: noqa: PTH103, PTH112, PTH211 (pathlib would double the time that this program takes to start)
"""Makes a sandbox around itself and runs a builder in it. A program of its own, started by :mod:`.sandbox`.

It reads a description as JSON from standard input. On the descriptor that its first argument names it reports with
one JSON object: ``{"status": <wait status>}``, or ``{"error": <text>, "errno": <number>, "step": <text>}`` when the
builder was never started. What the builder prints goes to standard output and error. The second argument is the
process that started it, with which it ends.

Three processes: this one enters the namespaces; its child is process 1 in there, mounts the file systems and
reaps orphans; the grandchild is the builder. SIGTERM ends all of them before it ends this one. When this one is
killed, the kernel kills the others.

Imports the standard library only, so that it starts quickly (``python -I -S``).
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import NoReturn

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_MS_RDONLY = 0x1
_MS_NOSUID = 0x2
_MS_NODEV = 0x4
_MS_REMOUNT = 0x20
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000
_MNT_DETACH = 2
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
# statvfs flags that a mount in a user namespace may not lose, and what mount(2) calls them
_LOCKED_FLAGS = ((2, _MS_NOSUID), (4, _MS_NODEV), (8, 0x8), (1024, 0x400), (2048, 0x800), (4096, 0x200000))

_libc = ctypes.CDLL(None, use_errno=True)


class _SetupError(Exception):
    def __init__(self, step: str, error: OSError) -> None:
        super().__init__(step)
        self.step = step
        self.error = error


def _call(step: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise _SetupError(step, OSError(number, os.strerror(number)))


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    result = _libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    _call(f"mounting {target}", result)


class _Sandbox:
    def __init__(self, description: dict[str, object], report: int) -> None:
        self.root: str = str(description["root"])
        self.mounts: list[dict[str, object]] = description["mounts"]  # type: ignore[assignment]  # from JSON
        self.links: dict[str, str] = description["links"]  # type: ignore[assignment]  # from JSON
        self.files: dict[str, str] = description["files"]  # type: ignore[assignment]  # from JSON
        self.arguments: list[str] = description["arguments"]  # type: ignore[assignment]  # from JSON
        self.environment: dict[str, str] = description["environment"]  # type: ignore[assignment]  # from JSON
        self.builder = str(description["builder"])
        self.directory = str(description["directory"])
        self.network = bool(description["network"])
        self.user = int(str(description["user"]))
        self.group = int(str(description["group"]))
        self.outer_user = int(str(description["outer_user"]))
        self.outer_group = int(str(description["outer_group"]))
        # With another user for the builder the mounts are made with real privileges, and the user namespace comes
        # last. Without one it comes first, because it is what allows the mounts.
        self.privileged = self.outer_user != os.geteuid()
        self.report = report

    def run(self) -> NoReturn:
        """Enter the namespaces and start process 1."""
        os.umask(0o022)
        namespaces = _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWIPC | _CLONE_NEWUTS
        if not self.network:
            namespaces |= _CLONE_NEWNET
        if not self.privileged:
            _call("creating a user namespace", _libc.unshare(_CLONE_NEWUSER))
            self._write_maps("self")
        _call("creating namespaces", _libc.unshare(namespaces))
        alive_read, alive_write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(alive_write)
            self._guarded(lambda: self._initial_process(alive_read))
        # Process 1 takes all others with it, and they are gone when it has been waited for.
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
        # Only the report says how it ended: a builder can exit with any status.
        os.waitpid(child, 0)
        os._exit(0)

    def _guarded(self, body: Callable[[], None]) -> NoReturn:
        try:
            body()
        except _SetupError as error:
            _report_error(self.report, error.step, error.error)
        except OSError as error:
            _report_error(self.report, "preparing the sandbox", error)
        finally:
            os._exit(1)

    def _write_maps(self, process: str) -> None:
        try:
            if not self.privileged:
                _write(f"/proc/{process}/setgroups", "deny")
            _write(f"/proc/{process}/uid_map", f"{self.user} {self.outer_user} 1")
            _write(f"/proc/{process}/gid_map", f"{self.group} {self.outer_group} 1")
        except OSError as error:
            raise _SetupError("mapping the user of the builder", error) from None

    def _initial_process(self, alive: int) -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if select.select([alive], [], [], 0)[0]:
            return  # the parent died before it was watched
        self._build_root()
        if not self.network:
            _bring_up_loopback()
        socket.sethostname("localhost")
        ask_read, ask_write = os.pipe()
        answer_read, answer_write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ask_read)
            os.close(answer_write)
            self._guarded(lambda: self._builder_process(ask_write, answer_read))
        os.close(ask_write)
        os.close(answer_read)
        if os.read(ask_read, 1):
            self._write_maps(str(child))
            os.write(answer_write, b"1")
        os.close(answer_write)
        while True:
            process, status = os.wait()
            if process == child:
                break
        _send(self.report, {"status": status})

    def _builder_process(self, ask: int, answer: int) -> None:
        if self.privileged:
            _call("creating a user namespace", _libc.unshare(_CLONE_NEWUSER))
            os.write(ask, b"1")
            if not os.read(answer, 1):
                return  # process 1 has reported why
            os.setgroups([])
            os.setresgid(self.group, self.group, self.group)
            os.setresuid(self.user, self.user, self.user)
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        os.setsid()
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores these, and ignored signals are inherited
        os.chdir(self.directory)
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.set_inheritable(self.report, False)
        try:
            os.execve(self.builder, self.arguments, self.environment)  # noqa: S606 - no shell is wanted
        except OSError as error:
            raise _SetupError(f"executing '{self.builder}'", error) from None

    def _build_root(self) -> None:
        _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
        _mount("tmpfs", self.root, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755")
        for mount in self.mounts:
            self._bind(str(mount["source"]), str(mount["target"]), bool(mount["read_only"]))
        for link, target in self.links.items():
            self._make_parent(link)
            os.symlink(target, self.root + link)
        for file, content in self.files.items():
            self._make_parent(file)
            _write(self.root + file, content, os.O_CREAT | os.O_EXCL)
        self._make_directory("/proc")
        _mount("proc", self.root + "/proc", "proc", _MS_NOSUID | _MS_NODEV | 0x8)
        self._make_directory("/dev/shm")  # noqa: S108 - inside the sandbox
        _mount("tmpfs", self.root + "/dev/shm", "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=1777")  # noqa: S108 - likewise
        os.chdir(self.root)
        # The new root over the old one, and the old one away: nothing outside can be reached any more.
        _call("changing the root directory", _libc.pivot_root(b".", b"."))
        _call("detaching the old root directory", _libc.umount2(b".", _MNT_DETACH))
        os.chdir("/")
        _mount(None, "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)

    def _make_directory(self, path: str) -> None:
        os.makedirs(self.root + path, mode=0o755, exist_ok=True)

    def _make_parent(self, path: str) -> None:
        self._make_directory(path.rpartition("/")[0])

    def _bind(self, source: str, target: str, read_only: bool) -> None:
        place = self.root + target
        if os.path.isdir(source):
            self._make_directory(target)
        else:
            self._make_parent(target)
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
        _mount(source, place, None, _MS_BIND | _MS_REC)
        if read_only:
            flags = os.statvfs(place).f_flag
            kept = sum(mount_flag for status_flag, mount_flag in _LOCKED_FLAGS if flags & status_flag)
            _mount(None, place, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | kept)


def _write(path: str, text: str, flags: int = 0) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | flags, 0o644)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP))


def _send(report: int, message: dict[str, object]) -> None:
    os.write(report, json.dumps(message).encode() + b"\n")


def _report_error(report: int, step: str, error: OSError) -> None:
    _send(report, {"error": error.strerror or str(error), "errno": error.errno or 0, "step": step})


def main() -> NoReturn:
    """Run as a program."""
    report, parent = int(sys.argv[1]), int(sys.argv[2])
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)  # the parent died before it was watched
    try:
        _Sandbox(json.loads(sys.stdin.buffer.read()), report).run()
    except _SetupError as error:
        _report_error(report, error.step, error.error)
    except OSError as error:
        _report_error(report, "preparing the sandbox", error)
    sys.exit(1)


if __name__ == "__main__":
    main()
