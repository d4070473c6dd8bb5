"""D-Bus messages, judged by another implementation of the format (jeepney)."""

from __future__ import annotations

import functools
from typing import Any

import jeepney
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jeepney.low_level import Message as TheirMessage

from system_manager.host.messages import (
    FIXED_HEADER,
    Call,
    MessageError,
    as_sent,
    decode_message,
    encode_call,
    size_of,
)

PATH = "/org/freedesktop/systemd1"
MANAGER = "org.freedesktop.systemd1.Manager"

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)
_BASIC: dict[str, st.SearchStrategy[Any]] = {
    "y": st.integers(0, 2**8 - 1),
    "b": st.booleans(),
    "n": st.integers(-(2**15), 2**15 - 1),
    "q": st.integers(0, 2**16 - 1),
    "i": st.integers(-(2**31), 2**31 - 1),
    "u": st.integers(0, 2**32 - 1),
    "x": st.integers(-(2**63), 2**63 - 1),
    "t": st.integers(0, 2**64 - 1),
    "d": st.floats(allow_nan=False),
    "s": _TEXT,
    "o": st.just(PATH),
    "g": st.sampled_from(["", "s", "a{sv}"]),
}


@functools.cache
def _types(*, simplest: str) -> st.SearchStrategy[str]:
    """Signatures of one complete type; ``simplest`` are the letters that they are made of."""
    basic = st.sampled_from(sorted(_BASIC))

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            inner.map("a{}".format),
            st.lists(inner, min_size=1, max_size=4).map("".join).map("({})".format),
            st.tuples(basic, inner).map("".join).map("a{{{}}}".format),
        )

    return st.recursive(st.sampled_from(simplest), larger, max_leaves=5)


_WITH_VARIANTS = "".join([*_BASIC, "v"])
_IN_VARIANTS = "".join(_BASIC)


@functools.cache
def _value(kind: str) -> st.SearchStrategy[Any]:
    """Values of a type, as jeepney wants them."""
    if kind in _BASIC:
        return _BASIC[kind]
    if kind == "v":
        return _types(simplest=_IN_VARIANTS).flatmap(lambda inner: st.tuples(st.just(inner), _value(inner)))
    if kind.startswith("a{"):
        key, value = _split(kind[2:-1])
        return st.dictionaries(_value(key), _value(value), max_size=3)
    if kind.startswith("a"):
        # To jeepney, an array of bytes is bytes.
        inside = st.lists(_value(kind[1:]), max_size=3)
        return inside.map(bytes) if kind == "ay" else inside
    return st.tuples(*map(_value, _split(kind[1:-1])))


def _split(signature: str) -> list[str]:
    """The complete types of a signature."""
    found, depth, begin = [], 0, 0
    for place, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0 and letter != "a":
            found.append(signature[begin : place + 1])
            begin = place + 1
    return found


def _plain(kind: str, value: Any) -> Any:
    """The same as it is read: without the types of variants."""
    if kind == "v":
        inner, held = value
        return _plain(inner, held)
    if kind.startswith("a{"):
        key, held = _split(kind[2:-1])
        return {_plain(key, name): _plain(held, each) for name, each in value.items()}
    if kind.startswith("a"):
        return [_plain(kind[1:], each) for each in value]
    if kind.startswith("("):
        return tuple(_plain(inner, each) for inner, each in zip(_split(kind[1:-1]), value, strict=True))
    return value


def _signal(signature: str, body: tuple[Any, ...]) -> bytes:
    emitter = jeepney.DBusAddress(PATH, interface=MANAGER)
    data: bytes = jeepney.new_signal(emitter, "JobRemoved", signature or None, body).serialise(serial=7)
    return data


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_types(simplest=_WITH_VARIANTS), max_size=4).flatmap(
        lambda kinds: st.tuples(st.just(kinds), st.tuples(*map(_value, kinds)))
    )
)
def test_reading_what_another_implementation_writes(typed: tuple[list[str], tuple[Any, ...]]) -> None:
    kinds, body = typed
    data = _signal("".join(kinds), body)
    assert size_of(data[:FIXED_HEADER]) == len(data)
    message = decode_message(data)
    assert (message.path, message.member, message.reply_serial, message.error) == (PATH, "JobRemoved", None, None)
    assert message.body == tuple(map(_plain, kinds, body))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("soiu"), max_size=5).flatmap(
        lambda kinds: st.tuples(st.just("".join(kinds)), st.tuples(*(_BASIC[kind] for kind in kinds)))
    ),
    st.integers(1, 2**32 - 1),
    st.sampled_from([None, "org.freedesktop.systemd1"]),
)
def test_another_implementation_reads_what_is_written(
    typed: tuple[str, tuple[Any, ...]], serial: int, destination: str | None
) -> None:
    signature, body = typed
    data = encode_call(Call(PATH, MANAGER, "StartUnit", signature, body), serial, destination)
    assert size_of(data[:FIXED_HEADER]) == len(data)
    message = TheirMessage.from_buffer(data)
    fields = {field.name: value for field, value in message.header.fields.items()}
    assert message.header.message_type is jeepney.MessageType.method_call
    assert message.header.serial == serial
    assert tuple(message.body) == body
    named = {"path": PATH, "interface": MANAGER, "member": "StartUnit"}
    named |= {"destination": destination} if destination else {}
    assert fields == (named | {"signature": signature} if signature else named)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (("s", ("Unit a.service not found.",)), "Unit a.service not found."),
        (("", ()), "org.example.NoSuchUnit"),
        (("u", (5,)), "org.example.NoSuchUnit"),
    ],
)
def test_a_refusal(error: tuple[str, tuple[Any, ...]], said: str) -> None:
    call = TheirMessage.from_buffer(encode_call(Call(PATH, MANAGER, "GetUnit", "s", ("a.service",)), 5, "org.example"))
    call.header.fields[jeepney.HeaderFields.sender] = ":1.7"
    signature, body = error
    data = jeepney.new_error(call, "org.example.NoSuchUnit", signature or None, body).serialise(serial=9)
    message = decode_message(data)
    assert (message.reply_serial, message.error) == (5, said)


def test_a_string_as_it_is_in_a_message() -> None:
    assert as_sent("exit-code") in _signal("a{sv}", ({"Result": ("s", "exit-code")},))


_GOOD = _signal("a{sv}(so)", ({"Result": ("s", "exit-code")}, ("a", PATH)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_GOOD[:-1], "cut off"),
        (_GOOD + b"\0", "longer than what it says is in it"),
        (_GOOD.replace(b"\1\1o\0", b"\1\1s\0"), "a path of another type"),
        (_GOOD.replace(b"\3\1s\0", b"\3\1v\0"), "a member of another type"),
        (_GOOD[:12] + bytes([_GOOD[12] - 1]) + _GOOD[13:], "a header that ends within a field"),
        (_GOOD.replace(b"exit-code\0", b"exit-codes"), "a string without an end"),
        (_GOOD.replace(b"\1s\0", b"\1!\0"), "no type"),
        (_GOOD.replace(b"\1s\0", b"\1a\0"), "an array of nothing"),
        (_GOOD.replace(b"\x09\0\0\0exit", b"\xff\xff\xff\xffexit"), "longer than the message"),
        (_GOOD.replace(b"exit", b"\xff\xff\xff\xff"), "no UTF-8"),
        (_signal("", ()).replace(b"JobRemoved", b"\xfe" * 10), "a name that is no UTF-8"),
    ],
)
def test_damaged_messages(data: bytes, why: str) -> None:
    with pytest.raises(MessageError, match="damaged"):
        decode_message(data)


@pytest.mark.parametrize(
    "start", [b"B" + _GOOD[1:16], b"GET / HTTP/1.1\r\n", _GOOD[:4] + b"\xff\xff\xff\xff" + _GOOD[8:16]]
)
def test_what_is_no_message(start: bytes) -> None:
    with pytest.raises(MessageError, match="no message"):
        size_of(start)


@settings(max_examples=60, deadline=None)
@given(st.integers(FIXED_HEADER, len(_GOOD) - 1), st.integers(0, 255))
def test_no_byte_of_a_message_leads_astray(place: int, byte: int) -> None:
    """Whatever is wrong, it is a message, or it is said to be none."""
    data = _GOOD[:place] + bytes([byte]) + _GOOD[place + 1 :]
    try:
        message = decode_message(data)
    except MessageError:
        return
    assert isinstance(message.body, tuple)
