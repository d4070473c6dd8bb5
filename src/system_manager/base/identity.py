"""Doing something as somebody else: in a process that has become that user and cannot come back.

What a user's own programs answer is not to be read by a process of root's, and a process that waits for them has to
have an end. The work is done by forked copies of this process, so that it needs no file that the user can read.
"""

from __future__ import annotations

import os
import select
import signal
import time

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Mapping, NoReturn, Sequence

_AT_ONCE = 32
_LARGEST_ANSWER = 1 << 24
_LOOK_SECONDS = 0.2
# The last byte of an answer, which therefore is complete. Answers are text.
_DONE, _FAILED = b"\x06", b"\x15"


@record(frozen=True)
class Identity:
    """Who to become."""

    uid: int
    gid: int


class NoAnswerError(SystemManagerError):
    """The work of one user's process was not done; the message says why."""


@record()
class _Child:
    process: int
    reader: int
    answer: bytearray


def each_as(
    work: Mapping[Identity, Callable[[], bytes]],
    *,
    variables: Callable[[Identity], Mapping[str, str]],
    seconds: float,
    checkpoint: Callable[[], None],
) -> dict[Identity, bytes | NoAnswerError]:
    """Do pieces of work, each as its user and all at the same time, and return what they gave back.

    :param variables: the whole environment of such a process.
    :param seconds: for every :data:`_AT_ONCE` of them; who is not done then is killed.
    :param checkpoint: called several times a second; may raise to end them all.
    """
    results: dict[Identity, bytes | NoAnswerError] = {}
    everybody = sorted(work, key=lambda who: who.uid)
    for first in range(0, len(everybody), _AT_ONCE):
        batch = everybody[first : first + _AT_ONCE]
        children: dict[Identity, _Child] = {}
        try:
            for who in batch:
                children[who] = _fork(who, work[who], variables(who), seconds)
            _listen(list(children.values()), time.monotonic() + seconds, checkpoint)
        finally:
            for child in children.values():
                os.kill(child.process, signal.SIGKILL)  # a number is taken until it is waited for
                os.waitpid(child.process, 0)
                os.close(child.reader)
        results.update((who, _result(bytes(child.answer), seconds)) for who, child in children.items())
    return results


def _result(answer: bytes, seconds: float) -> bytes | NoAnswerError:
    kind, text = answer[-1:], answer[:-1]
    if kind == _DONE:
        return text
    return NoAnswerError(text.decode(errors="replace") if kind == _FAILED else f"no answer within {seconds:g} s")


def _listen(children: Sequence[_Child], deadline: float, checkpoint: Callable[[], None]) -> None:
    waiting = {child.reader: child for child in children}
    while waiting and (left := deadline - time.monotonic()) > 0:
        checkpoint()
        ready, _, _ = select.select(list(waiting), [], [], min(left, _LOOK_SECONDS))
        for reader in ready:
            data = os.read(reader, 1 << 16)
            waiting[reader].answer.extend(data)
            if not data or len(waiting[reader].answer) > _LARGEST_ANSWER:
                del waiting[reader]


def _fork(who: Identity, work: Callable[[], bytes], variables: Mapping[str, str], seconds: float) -> _Child:
    reader, writer = os.pipe2(os.O_CLOEXEC)
    process = os.fork()
    if process == 0:
        _live(who, work, variables, seconds, writer)
    os.close(writer)
    return _Child(process, reader, bytearray())


def _live(
    who: Identity, work: Callable[[], bytes], variables: Mapping[str, str], seconds: float, writer: int
) -> NoReturn:
    """The life of the child. It ends by itself when nobody is there any more to end it."""
    answer = _FAILED
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)
        os.setsid()
        writer = _only(writer)
        os.chdir("/")
        os.environ.clear()
        os.environ.update(variables)
        os.setgroups([who.gid])
        os.setresgid(who.gid, who.gid, who.gid)
        os.setresuid(who.uid, who.uid, who.uid)
        answer = work() + _DONE
    except SystemManagerError as error:
        answer = f"{error.what}: {error.where}".removesuffix(": None").encode(errors="replace") + _FAILED
    except BaseException as error:
        answer = f"{type(error).__name__}: {error}".encode(errors="replace") + _FAILED
    finally:
        try:
            view = memoryview(answer)
            while view:
                view = view[os.write(writer, view) :]
        finally:
            os._exit(0)


def _only(writer: int) -> int:
    """Close everything but one descriptor: locks, connections and files of root's are not for this process."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.dup2(writer, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    return 3
