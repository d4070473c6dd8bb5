"""Names that are no UTF-8 in JSON: there and back, and readable for people."""

from __future__ import annotations

import json
import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.generation.undecodable import decode, encode, encode_readable


class Named(msgspec.Struct, frozen=True):
    name: str
    others: tuple[str, ...] = ()


DECODER = msgspec.json.Decoder(Named)


@given(st.builds(Named, st.binary().map(os.fsdecode), st.tuples(st.binary().map(os.fsdecode))))
def test_any_name_comes_back(named: Named) -> None:
    assert decode(DECODER, encode(named)) == named


@given(st.text().map(Named))
def test_what_is_text_is_written_as_usual(named: Named) -> None:
    assert encode(named) == msgspec.json.encode(named)


@pytest.mark.parametrize("text", ["", "{", '{"name":7}', "{}", r'{"name":"\udcff"', r'{"name":"\udcff","others":7}'])
def test_what_is_damaged_is_refused(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(DECODER, text.encode())


@given(st.binary())
def test_what_is_shown_is_text(name: bytes) -> None:
    shown = json.loads(encode_readable({"name": os.fsdecode(name)}))["name"]
    assert shown == name.decode(errors="backslashreplace")
