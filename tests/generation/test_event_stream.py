"""Events as JSON lines, there and back."""

from __future__ import annotations

import io
import json
from typing import Any, get_args

import pytest

from system_manager.base.events import CollectingObserver, Event, Notice
from system_manager.generation.event_stream import (
    EventStreamError,
    LineWriter,
    decode_event,
    encode_event,
    read_line,
)

EVERY = [kind(*("text ü\n" for _ in kind.__slots__)) for kind in get_args(Event)]


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_there_and_back(event: Event) -> None:
    output = io.StringIO()
    LineWriter(output).notify(event)
    assert output.getvalue().count("\n") == 1
    observer = CollectingObserver()
    assert read_line(output.getvalue(), observer) is None
    assert observer.events == [event]


def test_the_names_on_the_wire() -> None:
    assert encode_event(Notice("x")) == {"event": "notice", "text": "x"}
    assert len({encode_event(event)["event"] for event in EVERY}) == len(EVERY)


def test_a_name_that_is_no_utf8_arrives_as_text() -> None:
    output, observer = io.StringIO(), CollectingObserver()
    LineWriter(output).notify(Notice("/etc/\udcff"))
    read_line(output.getvalue(), observer)
    assert observer.events == [Notice(r"/etc/\xff")]


def test_the_result_is_handed_over() -> None:
    output = io.StringIO()
    LineWriter(output).finish({"outcome": "changed"})
    assert read_line(output.getvalue(), CollectingObserver()) == {"outcome": "changed"}


@pytest.mark.parametrize(
    "line",
    ["", "not json", "[]", "7", "{}", '{"event": "unknown"}', '{"event": 7}', '{"event": "notice"}',
     '{"event": "notice", "text": "x", "more": 1}', "Traceback (most recent call last):"],
)  # fmt: skip
def test_what_is_no_line_of_the_engine(line: str) -> None:
    observer = CollectingObserver()
    with pytest.raises(EventStreamError):
        read_line(line, observer)
    assert observer.events == []


def test_decoding_does_not_touch_its_argument() -> None:
    data: dict[str, Any] = {"event": "notice", "text": "x"}
    decode_event(data)
    assert data == {"event": "notice", "text": "x"}


class Broken(io.StringIO):
    """A pipe whose reader went away."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_a_lost_reader_does_not_stop_the_work() -> None:
    writer = LineWriter(Broken())
    writer.notify(Notice("one"))
    writer.finish({})


def test_one_object_per_line() -> None:
    output = io.StringIO()
    writer = LineWriter(output)
    writer.notify(Notice("a\nb"))
    writer.finish({"x": "\u2028"})
    assert [json.loads(line) for line in output.getvalue().split("\n")[:-1]] == [
        {"event": "notice", "text": "a\nb"},
        {"result": {"x": "\u2028"}},
    ]
