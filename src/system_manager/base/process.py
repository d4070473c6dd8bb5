"""The one door to other programs.

Arguments are lists, never shell text. The environment is constructed, never inherited by accident. Standard
input is empty unless given. A child is always waited for.

What starts them is loaded when the first is started: an activation that finds nothing to do starts none.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from types import MappingProxyType

from system_manager.base.errors import SystemManagerError
from system_manager.base.files import AnyPath
from system_manager.base.records import record
from system_manager.base.type_hints import IO, Callable, Iterator, Mapping, NoReturn, Popen, Sequence

_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "TERM", "LANG", "LC_ALL", "TZ", "TMPDIR", "SUDO_USER")
_FALLBACK_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TAIL_LINES = 20
_LOOK_SECONDS = 0.1


@record(frozen=True)
class Result:
    """How a command ended. ``status`` is negative for a signal, as in :mod:`subprocess`."""

    command: tuple[str, ...]
    status: int
    output: str
    errors: str


class CommandFailedError(SystemManagerError):
    """A command could not be run, or ended with a status that was not expected."""

    def __init__(self, result: Result, *, hint: str | None = None) -> None:
        import shlex

        self.result = result
        tail = "\n".join((result.errors or result.output).strip().splitlines()[-_TAIL_LINES:])
        what = f"{result.command[0]} {_describe(result.status)}" + (f":\n{tail}" if tail else "")
        super().__init__(what, where=shlex.join(result.command), hint=hint)


def signal_name(number: int) -> str:
    """What a signal is called; most real-time signals have numbers only."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _describe(status: int) -> str:
    if status < 0:
        return f"was killed by {signal_name(-status)}"
    if status == 127:
        return "was not found"
    return f"failed with status {status}"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment that children get: a few well-known variables and ``extra``."""
    result = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    result.setdefault("PATH", _FALLBACK_PATH)
    result.update(extra or {})
    return result


def has_program(name: str) -> bool:
    """Whether a command of this name would be found."""
    places = (os.path.join(directory, name) for directory in os.get_exec_path())
    return any(os.path.isfile(place) and os.access(place, os.X_OK) for place in places)


def _scratch_file() -> IO[bytes]:
    import tempfile

    return tempfile.TemporaryFile()


def run(
    command: Sequence[AnyPath],
    *,
    stdin: str | None = None,
    extra_environment: Mapping[str, str] | None = None,
    directory: AnyPath | None = None,
    success: frozenset[int] = frozenset({0}),
    timeout_seconds: float | None = None,
) -> Result:
    """Run a command and return what it said; raise :class:`CommandFailedError` unless its status is in ``success``."""
    import subprocess

    arguments = tuple(os.fspath(part) for part in command)
    try:
        completed = subprocess.run(
            arguments,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment(extra_environment),
            cwd=directory,
            timeout=timeout_seconds,
            check=False,
        )
    except FileNotFoundError:
        raise CommandFailedError(Result(arguments, 127, "", ""), hint=f"install the program '{arguments[0]}'") from None
    except subprocess.TimeoutExpired:
        raise CommandFailedError(
            Result(arguments, -signal.SIGKILL, "", f"no answer within {timeout_seconds:g} seconds")
        ) from None
    result = Result(arguments, completed.returncode, completed.stdout, completed.stderr)
    if result.status not in success:
        raise CommandFailedError(result)
    return result


@contextlib.contextmanager
def running(
    command: Sequence[AnyPath], *, extra_environment: Mapping[str, str] | None = None, timeout_seconds: float
) -> Iterator[Callable[[], Result]]:
    """Run a command while the body does something else. What the body gets waits, and returns how it ended.

    A command that nobody waited for is killed at the end. Both raise :class:`CommandFailedError`: that there is no such
    program, or that it takes more than ``timeout_seconds`` of waiting.
    """
    import subprocess

    arguments = tuple(os.fspath(part) for part in command)
    try:
        child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment(extra_environment),
        )
    except FileNotFoundError:
        raise CommandFailedError(Result(arguments, 127, "", ""), hint=f"install the program '{arguments[0]}'") from None

    def wait() -> Result:
        try:
            output, errors = child.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            late = Result(arguments, -signal.SIGKILL, "", f"no answer within {timeout_seconds:g} seconds")
            raise CommandFailedError(late) from None
        return Result(arguments, child.returncode, output, errors)

    with child:
        try:
            yield wait
        finally:
            child.kill()


CLEAN_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {"PATH": _FALLBACK_PATH, "HOME": "/root", "USER": "root", "LOGNAME": "root", "LANG": "C.UTF-8"}
)
"""What a program of root's gets that nothing of the caller's environment is to reach."""


@record(frozen=True)
class Ended:
    """How a bounded command ended. ``status`` is None when the time was up, else as in :class:`Result`."""

    status: int | None
    output: str

    def describe(self, seconds: float) -> str:
        """How it ended, as a clause. ``seconds`` is the time that it was given."""
        if self.status is None:
            return f"it did not end within {seconds:g} s"
        return f"it was killed by {signal_name(-self.status)}" if self.status < 0 else f"status {self.status}"


def run_bounded(
    command: Sequence[AnyPath],
    *,
    variables: Mapping[str, str],
    seconds: float,
    checkpoint: Callable[[], None],
    kept_bytes: int = 1 << 16,
) -> Ended:
    """Run somebody's command with nothing but ``variables``, and with an end to it whatever it does.

    It has a session of its own, of which nothing is left when this returns or raises. Raises OSError when it cannot be
    started.

    :param checkpoint: called several times a second; may raise to end the command.
    :param kept_bytes: how much of the end of its output is kept; standard output and error are one.
    """
    import select
    import subprocess

    reader, writer = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(reader, False)
    try:
        child = subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            env=dict(variables),
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        os.close(reader)
        raise
    finally:
        os.close(writer)
    output = bytearray()
    ended = False
    try:
        deadline = time.monotonic() + seconds
        while not ended and time.monotonic() < deadline:
            # Its end is looked for before its output is read, so that nothing it said is missed.
            ended = _has_ended(child.pid)
            _read_tail(reader, output, kept_bytes)
            if not ended:
                checkpoint()
                select.select([reader], [], [], min(_LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
                time.sleep(_LOOK_SECONDS / 100)  # a pipe that was closed is always readable
    finally:
        os.killpg(child.pid, signal.SIGKILL)  # its number is taken until it is waited for
        child.wait()
        os.close(reader)
    return Ended(child.returncode if ended else None, output.decode(errors="replace"))


def _has_ended(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _read_tail(reader: int, output: bytearray, kept: int) -> None:
    """Read what is there, at most some pipes full at a time: who writes without end must not keep us here."""
    for _ in range(16):
        try:
            data = os.read(reader, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            return
        output += data
        del output[:-kept]


@contextlib.contextmanager
def reading(
    command: Sequence[AnyPath], *, extra_environment: Mapping[str, str] | None = None, directory: AnyPath | None = None
) -> Iterator[IO[bytes]]:
    """Run a command and give its output as a stream of bytes; raise :class:`CommandFailedError` if it ends badly.

    What the body leaves unread is read and dropped, so that the command can finish.
    """
    import subprocess

    arguments = tuple(os.fspath(part) for part in command)
    # Standard error goes to a file: two pipes read in turn can block each other.
    with _scratch_file() as errors:
        try:
            child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(extra_environment),
                cwd=directory,
            )
        except FileNotFoundError:
            hint = f"install the program '{arguments[0]}'"
            raise CommandFailedError(Result(arguments, 127, "", ""), hint=hint) from None
        assert child.stdout is not None
        with child:
            try:
                yield child.stdout
                while child.stdout.read(2**16):
                    pass
            except BaseException:
                child.kill()
                raise
        errors.seek(0)
        result = Result(arguments, child.returncode, "", errors.read().decode(errors="replace"))
        if result.status != 0:
            raise CommandFailedError(result)


def supervise(command: Sequence[AnyPath], on_line: Callable[[str], None]) -> Result:
    """Run a command in a session of its own, give each line of its output to ``on_line``, and return how it ended.

    The session lets it survive the loss of our terminal. Signals that ask us to stop are handed on to it instead,
    and it is waited for: how to stop is its decision. Only for the main thread. ``on_line`` must not raise.
    """
    import subprocess

    arguments = tuple(os.fspath(part) for part in command)
    with _scratch_file() as errors, _handing_signals_on() as to:
        child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            text=True,
            errors="replace",
            start_new_session=True,
        )
        to(child)
        with child:
            assert child.stdout is not None
            for line in child.stdout:
                on_line(line)
        errors.seek(0)
        return Result(arguments, child.returncode, "", errors.read().decode(errors="replace"))


@contextlib.contextmanager
def _handing_signals_on() -> Iterator[Callable[[Popen[str]], None]]:
    """Hand signals on to the child that the body names, also those that come while it is being started."""
    children: list[Popen[str]] = []
    early: list[int] = []

    def hand_on(number: int, _frame: object) -> None:
        if children:
            children[0].send_signal(number)
        else:
            early.append(number)

    def to(child: Popen[str]) -> None:
        children.append(child)
        for number in early:
            child.send_signal(number)

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    previous = {number: signal.signal(number, hand_on) for number in signals}
    try:
        yield to
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def attend(command: Sequence[AnyPath]) -> int:
    """Give a command our terminal, directory and environment until it ends, and return its status.

    Only for the main thread. Keys such as Ctrl-C are the command's own. Raises :class:`CommandFailedError` when there
    is no such program.
    """
    import subprocess

    arguments = tuple(os.fspath(part) for part in command)
    ignored = (signal.SIGINT, signal.SIGQUIT)
    previous = {number: signal.signal(number, lambda _number, _frame: None) for number in ignored}
    try:
        return subprocess.run(arguments, check=False).returncode
    except OSError as error:
        result = Result(arguments, 127, "", error.strerror or "")
        raise CommandFailedError(result, hint=f"install the program '{arguments[0]}'") from None
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def start(
    command: Sequence[AnyPath],
    *,
    extra_environment: Mapping[str, str] | None = None,
    directory: AnyPath | None = None,
    pass_descriptors: Sequence[int] = (),
) -> Popen[bytes]:
    """Start a command whose output is read while it runs: standard output and error together, as bytes.

    It is in a session of its own, so that a key on the terminal reaches only this process, which then decides.
    Use the result as a context manager. Raises :class:`CommandFailedError` when there is no such program.
    """
    import subprocess

    arguments = tuple(os.fspath(part) for part in command)
    try:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(extra_environment),
            cwd=directory,
            pass_fds=tuple(pass_descriptors),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise CommandFailedError(Result(arguments, 127, "", ""), hint=f"install the program '{arguments[0]}'") from None


def replace_with(command: Sequence[AnyPath], *, stdin: str | None = None) -> NoReturn:
    """Become another program, which keeps our terminal, directory and environment.

    :param stdin: what it reads, at most a few lines; by default it reads what we would have read.
    """
    arguments = [os.fspath(part) for part in command]
    if stdin is not None:
        reading, writing = os.pipe()
        os.write(writing, stdin.encode())
        os.close(writing)
        os.dup2(reading, 0)
        os.close(reading)
    try:
        os.execvp(arguments[0], arguments)  # noqa: S606  (a list of arguments, as everywhere here)
    except OSError as error:
        result = Result(tuple(arguments), 127, "", error.strerror or "")
        raise CommandFailedError(result, hint=f"install the program '{arguments[0]}'") from None
