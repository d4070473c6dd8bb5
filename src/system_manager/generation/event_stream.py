"""Events as JSON lines: how the engine talks to the command line that started it.

One line is one object. ``{"event": "change-applied", …}`` is an event of :mod:`system_manager.base.events`,
``{"result": …}`` is the last line and says how it ended.
"""

from __future__ import annotations

import time
import types
from typing import Any, TextIO, get_args

import msgspec

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import ChangeApplied, Event, Observer
from system_manager.base.records import FIELDS
from system_manager.generation import undecodable


def _tag(kind: type[Event]) -> str:
    """``change-applied`` for ``ChangeApplied``."""
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in kind.__name__)[1:]


_TAGS: types.MappingProxyType[type[Any], str] = types.MappingProxyType({kind: _tag(kind) for kind in get_args(Event)})
_KINDS: types.MappingProxyType[str, type[Any]] = types.MappingProxyType({tag: kind for kind, tag in _TAGS.items()})


_SECONDS_HELD = 0.05


class EventStreamError(SystemManagerError):
    """A line is not what the other side should have sent."""


def encode_event(event: Event) -> dict[str, Any]:
    """An event as a JSON object."""
    kind = type(event)
    return {"event": _TAGS[kind], **{name: getattr(event, name) for name in getattr(kind, FIELDS)}}


def decode_event(data: dict[str, Any]) -> Event:
    """The event of a JSON object. Raises :class:`EventStreamError`."""
    fields = dict(data)
    tag = fields.pop("event", None)
    kind = _KINDS.get(tag) if isinstance(tag, str) else None
    if kind is None:
        raise EventStreamError(f"'{tag}' is not an event")
    if sorted(fields) != sorted(kind.__slots__):
        raise EventStreamError(f"the event '{tag}' has other fields than {', '.join(kind.__slots__)}")
    event: Event = kind(**fields)
    return event


class LineWriter:
    """An observer that writes each event as a line, and at the end the result.

    Changes of files come by the thousand, so what was applied is handed on a few times a second and everything else at
    once. Losing the reader must not stop an activation half-way: after the first failed write it goes on in silence.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream
        self._handed_on = 0.0

    def notify(self, event: Event) -> None:
        """Write one event."""
        self._write(encode_event(event), soon=isinstance(event, ChangeApplied))

    def finish(self, result: dict[str, Any]) -> None:
        """Write the last line."""
        self._write({"result": result})

    def _write(self, data: dict[str, Any], *, soon: bool = False) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(f"{_encode(data)}\n")
            now = time.monotonic()
            if not soon or now - self._handed_on > _SECONDS_HELD:
                self._stream.flush()
                self._handed_on = now
        except (OSError, ValueError):
            self._stream = None


def _encode(data: dict[str, Any]) -> str:
    try:
        return msgspec.json.encode(data).decode()
    except UnicodeEncodeError:
        # A name in the file system that is no UTF-8: it is only shown from here on.
        return undecodable.encode_readable(data).decode()


def read_line(line: str, observer: Observer) -> dict[str, Any] | None:
    """Pass a line on as an event (returning None), or return the result when it is the last one.

    :raises EventStreamError: for anything else.
    """
    try:
        data = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise EventStreamError(f"not a line of the engine: {line.strip()[:200]}") from None
    if not isinstance(data, dict):
        raise EventStreamError(f"not a line of the engine: {line.strip()[:200]}")
    if "result" in data:
        result = data["result"]
        return result if isinstance(result, dict) else {}
    observer.notify(decode_event(data))
    return None
