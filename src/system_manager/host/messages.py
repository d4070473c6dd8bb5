"""D-Bus messages: calls as bytes, and bytes as what came back (see the D-Bus specification, "Message Protocol").

Both ends are on one machine, so everything is in its own byte order. What a call can carry is what the managers of
services are asked with; what they say may be of any type.
"""

from __future__ import annotations

import functools
import struct
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from system_manager.base.errors import SystemManagerError

FIXED_HEADER = 16
"""Bytes of a message that say how long it is."""
RETURN, ERROR, SIGNAL = 2, 3, 4
"""What a message is, in its second byte."""

_METHOD_CALL = 1
_BYTE_ORDER = b"l" if sys.byteorder == "little" else b"B"
_VERSION = 1
_LONGEST = 1 << 27
_PATH, _INTERFACE, _MEMBER, _ERROR_NAME, _REPLY_SERIAL, _DESTINATION, _SENDER, _SIGNATURE = 1, 2, 3, 4, 5, 6, 7, 8
_TYPES = {
    _PATH: "o",
    _INTERFACE: "s",
    _MEMBER: "s",
    _ERROR_NAME: "s",
    _REPLY_SERIAL: "u",
    _SENDER: "s",
    _SIGNATURE: "g",
}
_START = struct.Struct("=cBBBII")
_NUMBER = struct.Struct("=I")
_SIZES = struct.Struct("=4xI4xI")
_WRITTEN = {"i": struct.Struct("=i"), "u": _NUMBER}


class MessageError(SystemManagerError):
    """These bytes are no message, or one that nobody should have sent."""


class Call(msgspec.Struct, frozen=True):
    """One method call. ``signature`` is that of ``body``: strings, object paths, and numbers of 32 bits."""

    path: str
    interface: str
    member: str
    signature: str = ""
    body: tuple[Any, ...] = ()


class Message(msgspec.Struct, frozen=True):
    """What arrived: an answer to the call ``reply_serial``, or a signal of ``path`` named ``member``.

    :ivar sender: the unique name of who sent it; empty on a private connection.
    :ivar error: why a call was refused; None for everything else.
    :ivar body: variants are the values in them, arrays of pairs are dicts.
    """

    path: str
    interface: str
    member: str
    sender: str
    reply_serial: int | None
    error: str | None
    body: tuple[Any, ...]


# Writing


def encode_call(call: Call, serial: int, destination: str | None) -> bytes:
    """A call to the owner of a bus name, or on a private connection to the other side."""
    body = bytearray()
    for kind, value in zip(call.signature, call.body, strict=True):
        if kind in "so":
            _put_string(body, value)
        else:
            _pad(body, 4)
            body += _WRITTEN[kind].pack(value)
    fields = bytearray()
    _put_field(fields, _PATH, "o", call.path)
    _put_field(fields, _INTERFACE, "s", call.interface)
    _put_field(fields, _MEMBER, "s", call.member)
    if destination is not None:
        _put_field(fields, _DESTINATION, "s", destination)
    if call.signature:
        _pad(fields, 8)
        fields += bytes((_SIGNATURE, 1, ord("g"), 0, len(call.signature))) + call.signature.encode() + b"\0"
    size = len(fields)
    _pad(fields, 8)  # the start and the size before them are 16 bytes
    return _START.pack(_BYTE_ORDER, _METHOD_CALL, 0, _VERSION, len(body), serial) + _NUMBER.pack(size) + fields + body


def as_sent(text: str) -> bytes:
    """A string as it is in a message: with its length before and a zero byte after it."""
    data = text.encode()
    return _NUMBER.pack(len(data)) + data + b"\0"


def _pad(out: bytearray, alignment: int) -> None:
    out += bytes(-len(out) % alignment)


def _put_string(out: bytearray, text: str) -> None:
    _pad(out, 4)
    out += as_sent(text)


def _put_field(out: bytearray, code: int, kind: str, text: str) -> None:
    _pad(out, 8)
    out += bytes((code, 1, ord(kind), 0)) + as_sent(text)


# Reading


def size_of(start: bytes | bytearray) -> int:
    """How long a message is, from its first :data:`FIXED_HEADER` bytes. Raises :class:`MessageError`."""
    body, fields = _SIZES.unpack_from(start)
    size: int = FIXED_HEADER + fields + -fields % 8 + body
    if start[:1] != _BYTE_ORDER or start[3] != _VERSION or size > _LONGEST:
        raise MessageError("this is no message of D-Bus")
    return size


def decode_message(data: bytes) -> Message:
    """Read a whole message. Raises :class:`MessageError`."""
    try:
        return _decode(data)
    except (struct.error, ValueError, TypeError, LookupError, RecursionError) as error:
        raise MessageError(f"a message of D-Bus is damaged: {error}") from None


def _decode(data: bytes) -> Message:
    (size,) = _NUMBER.unpack_from(data, 12)
    fields: dict[int, Any] = {}
    at, end = FIXED_HEADER, FIXED_HEADER + size
    while at < end:
        at += -at % 8
        code = data[at]
        kind, at = _signature(data, at + 1)
        if kind != _TYPES.get(code, kind):  # fields that nobody has heard of yet may be of any
            raise ValueError("a field of another type")
        (read,) = _readers(kind)
        fields[code], at = read(data, at)
    if at != end:
        raise ValueError("a header without an end")
    at += -at % 8
    body = []
    for read in _readers(fields.get(_SIGNATURE, "")):
        value, at = read(data, at)
        body.append(value)
    if at != len(data):
        raise ValueError("more than it says")
    error = None
    if data[1] == ERROR:
        error = body[0] if body and isinstance(body[0], str) else fields.get(_ERROR_NAME, "unknown error")
    path, interface, member, sender = (fields.get(code, "") for code in (_PATH, _INTERFACE, _MEMBER, _SENDER))
    return Message(path, interface, member, sender, fields.get(_REPLY_SERIAL), error, tuple(body))


_Reader = Callable[[bytes, int], tuple[Any, int]]
"""Reads one value, which begins after the padding at an offset; gives it and the offset behind it."""

_ALIGNMENTS = {"n": 2, "q": 2, "i": 4, "u": 4, "b": 4, "h": 4, "s": 4, "o": 4, "a": 4, "x": 8, "t": 8, "d": 8}
_ALIGNMENTS |= {"y": 1, "g": 1, "v": 1, "(": 8, "{": 8}
_OF_STRUCT = {"y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "h": "I", "x": "q", "t": "Q", "d": "d"}


@functools.lru_cache(maxsize=128)
def _readers(signature: str) -> tuple[_Reader, ...]:
    """One for each complete type of a signature."""
    found = []
    place = 0
    while place < len(signature):
        end = _end_of_type(signature, place)
        found.append(_reader(signature[place:end]))
        place = end
    return tuple(found)


def _end_of_type(signature: str, place: int) -> int:
    while signature[place] == "a":
        place += 1
    if signature[place] not in "({":
        return place + 1
    closing = {"(": ")", "{": "}"}[signature[place]]
    place += 1
    while signature[place] != closing:
        place = _end_of_type(signature, place)
    return place + 1


def _reader(kind: str) -> _Reader:
    match kind[0]:
        case "s" | "o":
            return _string
        case "g":
            return _signature
        case "v":
            return _variant
        case "b":
            return _boolean
        case "a":
            return _array_of(kind[1:])
        case "(" | "{":
            return _struct_of(_readers(kind[1:-1]))
        case number:
            return _number_of(struct.Struct(f"={_OF_STRUCT[number]}"))


def _string(data: bytes, at: int) -> tuple[str, int]:
    at += -at % 4 + 4
    (size,) = _NUMBER.unpack_from(data, at - 4)
    end = at + size
    if data[end]:
        raise ValueError("a string without an end")
    return data[at:end].decode(), end + 1


def _signature(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + data[at]
    if data[end]:
        raise ValueError("a signature without an end")
    return data[at + 1 : end].decode("ascii"), end + 1


def _variant(data: bytes, at: int) -> tuple[Any, int]:
    signature, at = _signature(data, at)
    (read,) = _readers(signature)
    return read(data, at)


def _boolean(data: bytes, at: int) -> tuple[bool, int]:
    at += -at % 4
    return _NUMBER.unpack_from(data, at)[0] != 0, at + 4


def _number_of(packed: struct.Struct) -> _Reader:
    size = packed.size

    def read(data: bytes, at: int) -> tuple[Any, int]:
        at += -at % size
        return packed.unpack_from(data, at)[0], at + size

    return read


def _struct_of(readers: tuple[_Reader, ...]) -> _Reader:
    if not readers:
        raise ValueError("a struct of nothing")

    def read(data: bytes, at: int) -> tuple[tuple[Any, ...], int]:
        at += -at % 8
        values = []
        for each in readers:
            value, at = each(data, at)
            values.append(value)
        return tuple(values), at

    return read


def _array_of(kind: str) -> _Reader:
    (element,) = _readers(kind)
    alignment = _ALIGNMENTS[kind[0]]
    is_dict = kind[0] == "{"

    def read(data: bytes, at: int) -> tuple[Any, int]:
        at += -at % 4 + 4
        (size,) = _NUMBER.unpack_from(data, at - 4)
        at += -at % alignment
        end = at + size
        if end > len(data):
            raise ValueError("an array without an end")
        values = []
        while at < end:
            value, at = element(data, at)
            values.append(value)
        if at != end:
            raise ValueError("an array that ends within an element")
        return dict(values) if is_dict else values, at

    return read
