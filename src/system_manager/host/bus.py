"""A D-Bus connection for one peer: calls, many at a time, and signals.

Like ``systemctl`` run by root, this prefers the manager's own socket to the message bus: it works in images
without a bus daemon, and does not break when the bus itself is restarted.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record

CALL_SECONDS = 30.0
_CHUNK = 1 << 16
_KNOCK_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, *[0.1] * 50)
_FIXED_HEADER = 16  # bytes, see "Message Protocol" in the D-Bus specification
_SIGNAL = 4


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


@record(frozen=True)
class Call:
    """One method call. ``signature`` is that of ``body``, as in the D-Bus specification."""

    path: str
    interface: str
    member: str
    signature: str = ""
    body: tuple[Any, ...] = ()


class Bus:
    """The connection. jeepney is imported when one is made: a run that changes nothing needs none."""

    def __init__(self, connection: socket.socket, name: str | None, stop: Stop) -> None:
        import jeepney

        self._jeepney = jeepney
        self._socket = connection
        self._name = name
        self._stop = stop
        self._received = bytearray()
        self._serial = 0
        self._replies: dict[int, Any] = {}
        self._listeners: dict[str, Listener] = {}
        self._signs: list[tuple[bytes, tuple[bytes, ...]]] = []  # of signals that are of use

    @classmethod
    def connect(cls, name: str, stop: Stop, sockets: Sockets = SYSTEM) -> Bus:
        """Connect to the owner of a bus name. Raises :class:`BusError`."""
        from jeepney.io.blocking import prep_socket

        problems = []
        for path, on_bus in ((sockets.private, False), (sockets.bus, True)):
            try:
                bus = cls(prep_socket(path, timeout=CALL_SECONDS), name if on_bus else None, stop)
            except OSError as error:
                problems.append(f"{path}: {error.strerror or error}")
                continue
            if on_bus:
                bus.hello()
            else:
                bus.knock()
            return bus
        raise BusError("; ".join(problems))

    def hello(self) -> None:
        """Say the first words on a message bus."""
        self.reply(self._transmit(self._jeepney.message_bus.Hello()))

    def knock(self) -> None:
        """Make a private connection's other side listen.

        systemd takes a first message that arrives together with the end of the authentication for read, and looks
        at it only when more arrives. So something that does no harm is asked until an answer comes.
        """
        ping = Call("/org/freedesktop/systemd1", "org.freedesktop.DBus.Peer", "Ping")
        for seconds in _KNOCK_SECONDS:
            with contextlib.suppress(BusError):
                self.call(ping, seconds=seconds)
                break
        self._replies.clear()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def listen(self, interface: str, member: str, listener: Listener, *, with_any: Sequence[str] = ()) -> None:
        """Give every signal of this name to ``listener``, in the order in which they were sent.

        :param with_any: strings of which one has to be in it; the others are not even taken apart.
        """
        self._listeners[member] = listener
        self._signs.append((_as_sent(member), tuple(map(_as_sent, with_any))))
        if self._name is not None:
            rule = self._jeepney.MatchRule(type="signal", sender=self._name, interface=interface, member=member)
            self.reply(self._transmit(self._jeepney.message_bus.AddMatch(rule)))

    def call(self, call: Call, *, seconds: float = CALL_SECONDS) -> tuple[Any, ...]:
        """Call and wait for the answer. Raises :class:`BusError`."""
        answer = self.reply(self.send(call), seconds=seconds)
        if isinstance(answer, BusError):
            raise answer
        return answer

    def send(self, call: Call) -> int:
        """Send a call and return its number, for :meth:`reply`."""
        address = self._jeepney.DBusAddress(call.path, bus_name=self._name or "any.name", interface=call.interface)
        message = self._jeepney.new_method_call(address, call.member, call.signature or None, call.body)
        if self._name is None:
            # jeepney insists on a name; on a private socket there is only one who could be meant.
            del message.header.fields[self._jeepney.HeaderFields.destination]
        return self._transmit(message)

    def reply(self, serial: int, *, seconds: float = CALL_SECONDS) -> tuple[Any, ...] | BusError:
        """Wait for the answer to a call; a refusal is returned, a broken connection raises."""
        deadline = time.monotonic() + seconds
        while serial not in self._replies:
            if not self._pump(deadline):
                raise BusError(f"no answer within {seconds:g} seconds")
        message = self._replies.pop(serial)
        if message.header.message_type is self._jeepney.MessageType.error:
            return BusError(self._error_text(message))
        return tuple(message.body)

    def wait_until(self, holds: Callable[[], bool], deadline: float) -> bool:
        """Take in messages until a condition holds that listeners bring about; False when the deadline passes first.

        :param deadline: on :func:`time.monotonic`'s clock.
        """
        while not holds():
            if not self._pump(deadline):
                return False
        return True

    def _error_text(self, message: Any) -> str:
        if message.body and isinstance(message.body[0], str):
            return message.body[0]
        return str(message.header.fields.get(self._jeepney.HeaderFields.error_name, "unknown error"))

    def _transmit(self, message: Any) -> int:
        self._serial += 1
        try:
            self._socket.sendall(message.serialise(serial=self._serial))
        except OSError as error:
            raise BusError(f"the connection broke: {error.strerror}") from None
        return self._serial

    def _pump(self, deadline: float) -> bool:
        """Take in one message, or wait for one; False when the deadline has passed without any."""
        message = self._next_message()
        while message is None:
            if not self._receive(deadline):
                return False
            message = self._next_message()
        fields, kinds = message.header.fields, self._jeepney.MessageType
        names = self._jeepney.HeaderFields
        if message.header.message_type in {kinds.method_return, kinds.error}:
            self._replies[fields[names.reply_serial]] = message
        elif (listener := self._listeners.get(fields.get(names.member, ""))) is not None:
            listener(fields.get(names.path, ""), tuple(message.body))
        return True

    def _next_message(self) -> Any:
        """The next of the messages received that is of use; None when there is no more."""
        low_level, received = self._jeepney.low_level, self._received
        while len(received) >= _FIXED_HEADER:
            size = low_level.calc_msg_size(received[:_FIXED_HEADER])
            if len(received) < size:
                return None
            raw = bytes(received[:size])
            del received[:size]
            # A manager tells a private connection of every property of every unit: most of what comes is of no use,
            # and to take it apart would cost more than all the rest.
            if raw[1] != _SIGNAL or self._is_of_use(raw):
                return low_level.Message.from_buffer(raw)
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
            raise BusError(f"the connection broke: {error.strerror}") from None
        if not data:
            raise BusError("the other side closed the connection")
        self._received += data
        return True


def _as_sent(text: str) -> bytes:
    """A string as it is in a message: with its length before and a zero byte after it."""
    data = text.encode()
    return len(data).to_bytes(4, sys.byteorder) + data + b"\0"
