"""Values as XML. Functions and places are in the comparison with Nix, where there is a program they stand in."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from system_manager.language.errors import StackOverflowError
from system_manager.language.formats.xml_writer import write_xml
from system_manager.language.runtime import defer
from system_manager.language.values import NixPath, StringWithContext

DERIVATION = {"type": "derivation", "drvPath": "/d", "outPath": "/o"}
DERIVATION_MEMBERS = """\
<attr name="drvPath">
  <string value="/d" />
</attr>
<attr name="outPath">
  <string value="/o" />
</attr>
<attr name="type">
  <string value="derivation" />
</attr>"""

ELEMENTS = [
    (1, '<int value="1" />'),
    (1.5, '<float value="1.5" />'),
    (1e10, '<float value="1e+10" />'),
    (True, '<bool value="true" />'),
    (False, '<bool value="false" />'),
    (None, "<null />"),
    (NixPath("/a<b"), '<path value="/a&lt;b" />'),
    ("a<>&\n\"'\tä", '<string value="a&lt;&gt;&amp;&#xA;&quot;\'\tä" />'),
    ((), "<list>\n</list>"),
    ({}, "<attrs>\n</attrs>"),
    ((1, (2,)), '<list>\n  <int value="1" />\n  <list>\n    <int value="2" />\n  </list>\n</list>'),
    ({"b": 1, "a": 2}, '<attrs>\n  <attr name="a">\n    <int value="2" />\n  </attr>\n'
                       '  <attr name="b">\n    <int value="1" />\n  </attr>\n</attrs>'),
    (defer(lambda: 1), '<int value="1" />'),
    ({"type": "derivation"}, "<derivation>\n  <repeated />\n</derivation>"),
]  # fmt: skip


def document(element: str) -> str:
    lines = "".join(f"  {line}\n" for line in element.splitlines())
    return f"<?xml version='1.0' encoding='utf-8'?>\n<expr>\n{lines}</expr>\n"


@pytest.mark.parametrize(("value", "element"), ELEMENTS)
def test_element(value: object, element: str) -> None:
    assert write_xml(value, strict=True, locations=False) == (document(element), frozenset())


def test_a_derivation_is_written_once() -> None:
    members = "".join(f"    {line}\n" for line in DERIVATION_MEMBERS.splitlines())
    opened = '<derivation drvPath="/d" outPath="/o">'
    expected = f"<list>\n  {opened}\n{members}  </derivation>\n  {opened}\n    <repeated />\n  </derivation>\n</list>"
    text, _ = write_xml((DERIVATION, dict(DERIVATION)), strict=True, locations=False)
    assert text == document(expected)


def test_what_is_not_evaluated_is_left_out_unless_strict() -> None:
    value = (defer(lambda: 1), 2)
    text, _ = write_xml(value, strict=False, locations=True)
    assert text == document('<list>\n  <unevaluated />\n  <int value="2" />\n</list>')


def test_contexts_are_collected() -> None:
    value = (StringWithContext("a", frozenset({"x"})), {"b": StringWithContext("b", frozenset({"y"}))})
    _, context = write_xml(value, strict=True, locations=False)
    assert context == {"x", "y"}


@pytest.fixture
def deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("deep_recursion")
def test_values_without_an_end_are_refused() -> None:
    def endless() -> object:
        return {"inner": defer(endless)}

    with pytest.raises(StackOverflowError):
        write_xml(endless(), strict=True, locations=False)
