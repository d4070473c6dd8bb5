"""JSON for records with names that are no UTF-8, which Python holds as lone surrogates (PEP 383).

In the file system a name, or the text of a link, is any bytes. JSON can hold surrogates, but msgspec neither writes
nor reads them, and for good reason: it is fast for what is text.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

_Type = TypeVar("_Type")
_SURROGATE = "[\ud800-\udfff]"


def encode(value: Any) -> bytes:
    """As :func:`msgspec.json.encode`."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        import json  # noqa: PLC0415 -- for what is rare

        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()


def decode(decoder: msgspec.json.Decoder[_Type], data: bytes) -> _Type:
    """What :func:`encode` wrote. Raises :class:`msgspec.MsgspecError`, or UnicodeDecodeError."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if rb"\ud" not in data:
            raise
        import json  # noqa: PLC0415 -- for what is rare

        try:
            plain = json.loads(data)
        except ValueError as error:
            raise msgspec.DecodeError(str(error)) from None
        return msgspec.convert(plain, decoder.type)


def encode_readable(value: Any) -> bytes:
    r"""As :func:`encode`, for somebody to read: what is no UTF-8 is written as the text ``\xff``."""
    import json  # noqa: PLC0415 -- for what is rare

    text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":"))
    return re.sub(_SURROGATE, lambda match: f"\\\\x{ord(match[0]) & 0xFF:02x}", text).encode()
