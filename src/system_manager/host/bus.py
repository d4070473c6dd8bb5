"""A D-Bus connection for one peer: calls, many at a time, and signals.

Like ``systemctl`` run by root, this prefers the manager's own socket to the message bus: it works in images
without a bus daemon, and does not break when the bus itself is restarted.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.host.messages import (
    ERROR,
    FIXED_HEADER,
    RETURN,
    SIGNAL,
    Call,
    Message,
    MessageError,
    as_sent,
    decode_message,
    encode_call,
    size_of,
)

CALL_SECONDS = 30.0
_CHUNK = 1 << 16
_LONGEST_GREETING = 1 << 12
_DBUS = "org.freedesktop.DBus"
_DBUS_PATH = "/org/freedesktop/DBus"


class BusError(SystemManagerError):
    """The peer refused a call, or the connection broke."""


class Stop(Protocol):
    """Ends a wait early."""

    @property
    def wake_descriptor(self) -> int | None:
        """Readable when :meth:`checkpoint` has something to say."""
        ...

    def checkpoint(self) -> None:
        """Raise when the wait has to end."""
        ...


@record(frozen=True)
class Sockets:
    """Where a peer listens: on a socket of its own, and on a message bus."""

    private: str
    bus: str


SYSTEM = Sockets("/run/systemd/private", "/run/dbus/system_bus_socket")

Listener = Callable[[str, tuple[Any, ...]], None]
"""Gets the object's path and the body of a signal. It must not raise."""


class Bus:
    """The connection.

    :param name: the bus name of the peer; None when the peer is at the other end.
    :param received: what it sent already.
    :param path: the peer's own socket, to connect to again when the peer has closed the connection: systemd does when
        it is executed anew, as the installation of a C library or of systemd itself has it.
    """

    def __init__(
        self, connection: socket.socket, name: str | None, stop: Stop, received: bytes = b"", path: str | None = None
    ) -> None:
        self._socket = connection
        self._path = path
        self._opening: list[Call] = []  # what is said first on every connection
        self._name = name
        self._stop = stop
        self._received = bytearray(received)
        self._serial = 0
        self._replies: dict[int, Message] = {}
        self._owner: str | None = None  # who alone is listened to on a bus, where anybody may send us a signal
        self._listeners: dict[tuple[str, str], Listener] = {}
        self._signs: list[tuple[bytes, tuple[bytes, ...]]] = []  # of signals that are of use

    @classmethod
    def connect(cls, name: str, stop: Stop, sockets: Sockets = SYSTEM) -> Bus:
        """Connect to the owner of a bus name. Raises :class:`BusError`."""
        problems = []
        for path, on_bus in ((sockets.private, False), (sockets.bus, True)):
            try:
                connection, received = _greeted(path)
            except OSError as error:
                problems.append(f"{path}: {error.strerror or error}")
                continue
            bus = cls(connection, name if on_bus else None, stop, received, None if on_bus else path)
            if on_bus:
                bus.enter()
            return bus
        raise BusError("; ".join(problems))

    def enter(self) -> None:
        """Say the first words on a message bus, and ask who owns the name. Raises :class:`BusError`."""
        self.ask_bus("Hello")
        (self._owner,) = self.ask_bus("GetNameOwner", self._name or "")

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def listen(self, interface: str, member: str, listener: Listener, *, with_any: Sequence[str] = ()) -> None:
        """Give every signal of this name to ``listener``, in the order in which they were sent.

        :param with_any: strings of which one has to be in it; the others are not even taken apart.
        """
        self._listeners[interface, member] = listener
        self._signs.append((as_sent(member), tuple(map(as_sent, with_any))))
        if self._name is not None:
            rule = f"type='signal',sender='{self._name}',interface='{interface}',member='{member}'"
            self.ask_bus("AddMatch", rule)

    def ask_bus(self, member: str, *arguments: str) -> tuple[Any, ...]:
        """Call a method of the message bus itself. Raises :class:`BusError`."""
        call = Call(_DBUS_PATH, _DBUS, member, "s" * len(arguments), arguments)
        answer = self.reply(self._transmit([call], _DBUS)[0])
        if isinstance(answer, BusError):
            raise answer
        return answer

    def call(self, call: Call, *, seconds: float = CALL_SECONDS) -> tuple[Any, ...]:
        """Call and wait for the answer. Raises :class:`BusError`."""
        answer = self.reply(self.send(call), seconds=seconds)
        if isinstance(answer, BusError):
            raise answer
        return answer

    def open_with(self, call: Call) -> None:
        """Call, now and on every connection that takes the place of this one. Raises :class:`BusError`."""
        self._opening.append(call)
        self.call(call)

    def send(self, call: Call) -> int:
        """Send a call and return its number, for :meth:`reply`."""
        return self._transmit([call], self._name)[0]

    def send_all(self, calls: Iterable[Call]) -> list[int]:
        """Send calls in one piece: when the other side has taken in the first one, the others are there already."""
        return self._transmit(list(calls), self._name)

    def reply(self, serial: int, *, seconds: float = CALL_SECONDS) -> tuple[Any, ...] | BusError:
        """Wait for the answer to a call; a refusal is returned, a broken connection raises."""
        deadline = time.monotonic() + seconds
        while serial not in self._replies:
            if not self._pump(deadline):
                raise BusError(f"no answer within {seconds:g} seconds")
        message = self._replies.pop(serial)
        return message.body if message.error is None else BusError(message.error)

    def is_answered(self, serial: int) -> bool:
        """Whether the answer to a call is there, and :meth:`reply` would not wait."""
        return serial in self._replies

    def wait_until(self, holds: Callable[[], bool], deadline: float) -> bool:
        """Take in messages until a condition holds that listeners bring about; False when the deadline passes first.

        :param deadline: on :func:`time.monotonic`'s clock.
        """
        while not holds():
            if not self._pump(deadline):
                return False
        return True

    def _transmit(self, calls: Sequence[Call], destination: str | None) -> list[int]:
        serials = range(self._serial + 1, self._serial + 1 + len(calls))
        self._serial += len(calls)
        data = b"".join(encode_call(call, serial, destination) for call, serial in zip(calls, serials, strict=True))
        try:
            try:
                self._socket.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                # Nothing of it has arrived: the peer was gone before.
                if not self._renewed():
                    raise
                self._socket.sendall(data)
        except OSError as error:
            raise BusError(f"the connection broke: {error.strerror or error}") from None
        return list(serials)

    def _renewed(self) -> bool:
        """Whether there is a connection again in place of one that the peer has closed."""
        if self._path is None:
            return False
        try:
            connection, received = _greeted(self._path)
            opening = range(self._serial + 1, self._serial + 1 + len(self._opening))
            self._serial += len(opening)
            for call, serial in zip(self._opening, opening, strict=True):
                connection.sendall(encode_call(call, serial, None))
        except OSError:
            return False
        self._socket.close()
        self._socket, self._received = connection, bytearray(received)
        return True

    def _pump(self, deadline: float) -> bool:
        """Take in one message, or wait for one; False when the deadline has passed without any."""
        message = self._next_message()
        while message is None:
            if not self._receive(deadline):
                return False
            message = self._next_message()
        if message.reply_serial is not None:
            self._replies[message.reply_serial] = message
        elif message.sender == self._owner or self._owner is None:
            listener = self._listeners.get((message.interface, message.member))
            if listener is not None:
                listener(message.path, message.body)
        return True

    def _next_message(self) -> Message | None:
        """The next of the messages received that is of use; None when there is no more."""
        received = self._received
        try:
            while len(received) >= FIXED_HEADER:
                size = size_of(received)
                if len(received) < size:
                    return None
                raw = bytes(received[:size])
                del received[:size]
                # A manager tells a private connection of every property of every unit: most of what comes is of no
                # use, and to take it apart would cost more than all the rest.
                if raw[1] in (RETURN, ERROR) or (raw[1] == SIGNAL and self._is_of_use(raw)):
                    return decode_message(raw)
        except MessageError as error:
            raise BusError(error.what) from None
        return None

    def _is_of_use(self, signal: bytes) -> bool:
        return any(
            member in signal and (not strings or any(string in signal for string in strings))
            for member, strings in self._signs
        )

    def _receive(self, deadline: float) -> bool:
        watched: list[Any] = [self._socket]
        if (wake := self._stop.wake_descriptor) is not None:
            watched.append(wake)
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        ready, _, _ = select.select(watched, [], [], remaining)
        if wake is not None and wake in ready:
            os.read(wake, _CHUNK)
            self._stop.checkpoint()
        if self._socket not in ready:
            return bool(ready)
        try:
            data = self._socket.recv(_CHUNK)
        except OSError as error:
            raise BusError(f"the connection broke: {error.strerror or error}") from None
        if not data:
            raise BusError("the other side closed the connection")
        self._received += data
        return True


def _greeted(path: str) -> tuple[socket.socket, bytes]:
    """A connection on which messages can be sent, and the beginning of those that have come. Raises OSError.

    Who we are is told by the socket, see "EXTERNAL" in the D-Bus specification. All of it is said at once, so that
    systemd has read it when it answers: it takes a message for read that arrives together with the last word. Its own
    signals may follow its answer at once.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.settimeout(CALL_SECONDS)
        connection.connect(path)
        user = str(os.geteuid()).encode().hex()
        connection.sendall(f"\0AUTH EXTERNAL {user}\r\nBEGIN\r\n".encode())
        answer = b""
        while b"\r\n" not in answer and len(answer) < _LONGEST_GREETING:
            data = connection.recv(_LONGEST_GREETING)
            if not data:
                break
            answer += data
        line, _, rest = answer.partition(b"\r\n")
        if not line.startswith(b"OK "):
            raise OSError(errno.EACCES, f"it does not accept us: {line.decode(errors='replace').strip()}")
    except BaseException:
        connection.close()
        raise
    return connection, rest
