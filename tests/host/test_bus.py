"""A connection as its other side may behave: in pieces, with noise, as somebody else, or not at all."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jeepney
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from system_manager.host.bus import Bus, BusError, Sockets
from system_manager.host.messages import Call

NAME = "org.freedesktop.systemd1"
PATH = "/org/freedesktop/systemd1"
MANAGER = f"{NAME}.Manager"
OWNER, STRANGER = ":1.1", ":1.99"


class NeverStop:
    """Nobody ends a wait."""

    wake_descriptor = None

    def checkpoint(self) -> None:
        """Nothing to say."""


class Peer:
    """The two ends of a connection; what the other side says is written down beforehand."""

    def __init__(self, name: str | None = None) -> None:
        ours, self.socket = socket.socketpair()
        self.bus = Bus(ours, name, NeverStop())

    def close(self) -> None:
        self.bus.close()
        self.socket.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.close()


def signal(
    member: str, signature: str, body: tuple[Any, ...], *, interface: str = MANAGER, sender: str | None = None
) -> bytes:
    message = jeepney.new_signal(jeepney.DBusAddress(PATH, interface=interface), member, signature, body)
    if sender is not None:
        message.header.fields[jeepney.HeaderFields.sender] = sender
    data: bytes = message.serialise(serial=1)
    return data


def answer(serial: int, signature: str, body: tuple[Any, ...], *, error: str = "") -> bytes:
    call = jeepney.new_method_call(jeepney.DBusAddress(PATH, NAME, MANAGER), "Ask")
    call.header.serial = serial
    call.header.fields[jeepney.HeaderFields.sender] = STRANGER
    message = jeepney.new_error(call, error, signature, body) if error else None
    data: bytes = (message or jeepney.new_method_return(call, signature, body)).serialise(serial=2)
    return data


ASK = Call(PATH, MANAGER, "Ask")


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cuts=st.lists(st.integers(0, 600), max_size=8))
def test_messages_arrive_in_any_pieces(cuts: list[int]) -> None:
    stream = b"".join(
        [
            signal("JobRemoved", "s", ("one",)),
            signal("UnitNew", "s", ("noise",)),
            answer(2, "s", ("second",)),
            signal("JobRemoved", "s", ("two",)),
            answer(1, "s", ("first",)),
        ]
    )
    made, heard = Peer(), []
    made.bus.listen(MANAGER, "JobRemoved", lambda _path, body: heard.append(body[0]))
    serials = [made.bus.send(ASK), made.bus.send(ASK)]

    def speak() -> None:
        places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
        for begin, end in itertools.pairwise(places):
            made.socket.sendall(stream[begin:end])
            time.sleep(0.0002)

    speaker = threading.Thread(target=speak)
    speaker.start()
    assert [made.bus.reply(serial, seconds=10) for serial in serials] == [("first",), ("second",)]
    speaker.join()
    assert heard == ["one", "two"]
    made.close()


def test_only_signals_of_this_name_and_interface_are_heard(peer: Peer) -> None:
    heard: list[tuple[str, Any]] = []
    peer.bus.listen(MANAGER, "Changed", lambda path, body: heard.append((path, body)), with_any=["bad", "worse"])
    call = jeepney.new_method_call(jeepney.DBusAddress(PATH, NAME, MANAGER), "Changed", "s", ("bad",))
    for data in (
        signal("Changed", "s", ("good",)),
        signal("Changed", "s", ("bad",), interface="org.example.Other"),
        call.serialise(serial=5),
        signal("Changed", "as", (["worse"],)),
        answer(1, "", ()),
    ):
        peer.socket.sendall(data)
    assert peer.bus.call(ASK) == ()
    assert heard == [(PATH, (["worse"],))]


def test_on_a_bus_only_the_owner_of_the_name_is_believed() -> None:
    """Anybody on the bus may send a signal to anybody."""
    made, heard = Peer(NAME), []
    for data in (
        answer(1, "s", (":1.5",)),
        answer(2, "s", (OWNER,)),
        answer(3, "", ()),
        signal("JobRemoved", "s", ("forged",), sender=STRANGER),
        signal("JobRemoved", "s", ("true",), sender=OWNER),
        answer(4, "", ()),
    ):
        made.socket.sendall(data)
    made.bus.enter()
    made.bus.listen(MANAGER, "JobRemoved", lambda _path, body: heard.append(body[0]))
    made.bus.call(ASK)
    assert heard == ["true"]
    made.close()


def test_a_refusal_is_an_answer(peer: Peer) -> None:
    peer.socket.sendall(answer(1, "s", ("no such unit",), error="org.example.No"))
    serial = peer.bus.send(ASK)
    refused = peer.bus.reply(serial)
    assert isinstance(refused, BusError)
    assert refused.what == "no such unit"


def test_an_answer_that_does_not_come(peer: Peer) -> None:
    with pytest.raises(BusError, match=r"no answer within 0\.01 seconds"):
        peer.bus.call(ASK, seconds=0.01)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "no message"),
        (answer(1, "s", ("x",))[:-2] + b"xx", "damaged"),
        (answer(1, "s", ("x",))[:20], "closed the connection"),
        (b"", "closed the connection"),
    ],
)
def test_a_connection_that_breaks(peer: Peer, data: bytes, said: str) -> None:
    serial = peer.bus.send(ASK)
    peer.socket.sendall(data)
    peer.socket.shutdown(socket.SHUT_WR)
    with pytest.raises(BusError, match=said):
        peer.bus.reply(serial)


@contextlib.contextmanager
def host(path: str, pieces: Sequence[bytes]) -> Iterator[None]:
    """Somebody who listens at a path, and greets in these pieces."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def greet() -> None:
            other, _ = listening.accept()
            # Who has heard enough closes the connection.
            with other, contextlib.suppress(ConnectionError):
                other.recv(4096)
                for piece in pieces:
                    other.sendall(piece)
                    time.sleep(0.001)
                other.recv(4096)

        greeter = threading.Thread(target=greet)
        greeter.start()
        yield
        greeter.join()


GREETING = b"OK 1234deadbeef\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [GREETING, signal("JobRemoved", "s", ("early",)), answer(1, "", ())],
        [GREETING + signal("JobRemoved", "s", ("early",)) + answer(1, "", ())],
        [GREETING[:5], GREETING[5:-1], GREETING[-1:] + signal("JobRemoved", "s", ("early",))[:9]],
        [GREETING + signal("JobRemoved", "s", ("early",))[:30]],
    ],
)
def test_signals_may_follow_the_greeting_at_once(tmp_path: Path, pieces: list[bytes]) -> None:
    path, heard = str(tmp_path / "private"), []
    stream = GREETING + signal("JobRemoved", "s", ("early",)) + answer(1, "", ())
    with host(path, [*pieces, stream[len(b"".join(pieces)) :]]):
        bus = Bus.connect(NAME, NeverStop(), Sockets(path, str(tmp_path / "bus")))
        bus.listen(MANAGER, "JobRemoved", lambda _path, body: heard.append(body[0]))
        assert bus.call(ASK) == ()
        bus.close()
    assert heard == ["early"]


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"REJECTED EXTERNAL\r\n", "it does not accept us: REJECTED EXTERNAL"),
        (b"x" * 5000, "it does not accept us: xxx"),
    ],
)
def test_who_is_not_let_in(tmp_path: Path, greeting: bytes, said: str) -> None:
    path = str(tmp_path / "private")
    with host(path, [greeting]), pytest.raises(BusError, match=said) as refused:
        Bus.connect(NAME, NeverStop(), Sockets(path, str(tmp_path / "bus")))
    assert "No such file" in refused.value.what  # the bus, which was tried next
