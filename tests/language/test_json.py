"""JSON: what is read, what is refused, and how values are written."""

from __future__ import annotations

import json
import math
import random
import struct
import sys
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.language.errors import EvaluationError, EvaluationTypeError, StackOverflowError
from system_manager.language.formats.float_digits import decimal_digits
from system_manager.language.formats.json_reader import JsonError, read_json
from system_manager.language.formats.json_writer import json_float, write_json
from system_manager.language.thunks import defer
from system_manager.language.values import MAX_INTEGER, MIN_INTEGER, StringWithContext

READ = [
    ("null", None),
    ("true", True),
    (' [ 1 , 2.0 ,\t"x"\r\n] ', (1, 2.0, "x")),
    ("[]", ()),
    ("{}", {}),
    ('{"a": {"b": [{}, []]}}', {"a": {"b": ({}, ())}}),
    ('{"a": 1, "a": 2}', {"a": 2}),
    ("-0", 0),
    ("1e5", 100000.0),
    ("1E-2", 0.01),
    ("9223372036854775807", MAX_INTEGER),
    ("-9223372036854775808", MIN_INTEGER),
    ("-9223372036854775809", -9223372036854775809.0),
    ("18446744073709551616", 18446744073709551616.0),
    ("99999999999999999999999", 1e23),
    (r'"\"\\\/\b\f\n\r\t"', '"\\/\b\f\n\r\t'),
    (r'"\u00e4\ud83d\ude00"', "ä😀"),
    ('"ä\x7f"', "ä\x7f"),
    ("\ufeff1", 1),
]

REFUSED = [
    ("", "line 1, column 1"),
    ("   ", "line 1, column 4"),
    ("nul", "line 1, column 1"),
    ("True", "line 1, column 1"),
    ("NaN", "line 1, column 1"),
    ("Infinity", "line 1, column 1"),
    ("+1", "line 1, column 1"),
    (".5", "line 1, column 1"),
    ("01", "line 1, column 2"),
    ("1.", "line 1, column 3"),
    ("1e", "line 1, column 3"),
    ("-", "line 1, column 1"),
    ("0x10", "line 1, column 2"),
    ("1 2", "line 1, column 3"),
    ("[1,]", "line 1, column 4"),
    ("[1 2]", "line 1, column 4"),
    ("[,1]", "line 1, column 2"),
    ("[1", "line 1, column 3"),
    ("]", "line 1, column 1"),
    ("[1}", "line 1, column 3"),
    ('{"a" 1}', "line 1, column 6"),
    ('{"a":1,}', "line 1, column 8"),
    ("{a:1}", "line 1, column 2"),
    ("{1:2}", "line 1, column 2"),
    ('{"a":}', "line 1, column 6"),
    ('{\n"a": 1\n  x\n}', "line 3, column 3"),
    ("[1, /* c */ 2]", "line 1, column 5"),
    ('"abc', "line 1, column 1"),
    ('"a\nb"', "line 1, column 3"),
    ('"\\', "line 1, column 2"),
    ('"\\x"', "line 1, column 2"),
    ('"\\u12"', "line 1, column 2"),
    ('"\\ud800"', "line 1, column 2"),
    ('"\\udc00"', "line 1, column 2"),
    ('"\\ud800\\u0041"', "line 1, column 2"),
    ('"\\u0000"', "null bytes"),
    ('{"\\u0000": 1}', "null bytes"),
    ("12345678901234567890", "64 bits"),
    ("1e400", "too large"),
    ("9" * 400, "too large"),
    ('"\udcff"', "UTF-8"),
    ("[" * 100_000, "column 100001"),
]

FLOATS = [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (1.0, "1.0"),
    (0.1, "0.1"),
    (1e10, "10000000000.0"),
    (1e14, "100000000000000.0"),
    (1e15, "1e+15"),
    (123456789012345.0, "123456789012345.0"),
    (1234567890123456.0, "1.234567890123456e+15"),
    (0.0001, "0.0001"),
    (0.00001, "1e-05"),
    (1e100, "1e+100"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (5e-324, "5e-324"),
    (2.2250738585072014e-308, "2.2250738585072014e-308"),
    (0.30000000000000004, "0.30000000000000004"),
    # Where the shortest digits would be others: this is what C++ Nix writes.
    (-1039514241563211.8, "-1.0395142415632117e+15"),
    (8.68131635950846e16, "8.681316359508461e+16"),
    (math.inf, "null"),
    (-math.inf, "null"),
    (math.nan, "null"),
]

WRITTEN = [
    (None, "null"),
    (True, "true"),
    (-5, "-5"),
    ((), "[]"),
    ({}, "{}"),
    ((1, (2, ()), {}), "[1,[2,[]],{}]"),
    ({"b": 1, "a": 2, "ä": 3, "B": 4}, '{"B":4,"a":2,"b":1,"ä":3}'),
    ('"\\\b\f\n\r\t\x01\x1f\x7fä/${x}', '"\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7fä/${x}"'),
    ({"outPath": (1,), "x": 2}, "[1]"),
    ({"outPath": {"outPath": "a"}}, '"a"'),
    ({"__toString": lambda _: "s", "outPath": "a"}, '"s"'),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_read(text: str, value: object) -> None:
    result = read_json(text)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(("text", "part"), REFUSED)
def test_refused(text: str, part: str) -> None:
    with pytest.raises(JsonError) as caught:
        read_json(text)
    assert part in str(caught.value)


def test_nesting_has_no_limit() -> None:
    depth = 200_000
    value = read_json("[" * depth + "]" * depth)
    for _ in range(depth - 1):
        (value,) = value
    assert value == ()


@pytest.mark.parametrize(("number", "text"), FLOATS)
def test_floats(number: float, text: str) -> None:
    assert json_float(number) == text


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_written(value: object, text: str) -> None:
    assert write_json(value, strict=True, copy_to_store=False) == (text, frozenset())


def test_the_context_of_all_strings_is_collected() -> None:
    value = {"a": StringWithContext("x", frozenset({"one"})), "b": (StringWithContext("y", frozenset({"two"})),)}
    assert write_json(value, strict=True, copy_to_store=False) == ('{"a":"x","b":["y"]}', {"one", "two"})


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (lambda x: x, EvaluationTypeError, "cannot convert a function to JSON"),
        ({"a": (lambda x: x,)}, EvaluationTypeError, "cannot convert a function to JSON"),
        ({"__toString": lambda _: 1}, EvaluationTypeError, "cannot coerce an integer to a string"),
        ("\udcff", EvaluationError, "invalid UTF-8 byte 0xFF"),
        ({"\udcff": 1}, EvaluationError, "invalid UTF-8 byte 0xFF"),
    ],
)
def test_not_written(value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        write_json(value, strict=True, copy_to_store=False)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(MIN_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner).map(tuple)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner).filter(
            lambda names: not names.keys() & {"outPath", "__toString"}
        )
    ),
)


@given(VALUES)
def test_what_is_written_reads_back(value: object) -> None:
    text, _ = write_json(value, strict=True, copy_to_store=False)
    assert read_json(text) == value
    assert as_python(json.loads(text)) == value


@given(st.integers(1, 16 * 10**11 + 100))
def test_short_floats_have_the_digits_that_nix_finds(sixteenths: int) -> None:
    number = sixteenths / 16
    digits, exponent = decimal_digits(number)
    assert Decimal(json_float(number)) == Decimal(digits).scaleb(exponent)
    assert json_float(-number) == f"-{json_float(number)}"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_reads_back(number: float) -> None:
    assert float(json_float(number)) == number


def as_python(value: object) -> object:
    if isinstance(value, list):
        return tuple(as_python(item) for item in value)
    return {k: as_python(v) for k, v in value.items()} if isinstance(value, dict) else value


@pytest.mark.oracle
def test_floats_are_written_as_nix_writes_them(oracle, tmp_path) -> None:
    choose = random.Random(7)
    numbers = [number for number, _ in FLOATS if math.isfinite(number)]
    numbers += [2.0**exponent for exponent in range(-1074, 1024, 13)]
    while len(numbers) < 4000:
        (number,) = struct.unpack("d", choose.randbytes(8))
        numbers += [number] if math.isfinite(number) else []
        numbers += [round(choose.uniform(-1e6, 1e6), 4), choose.random(), float(choose.randint(1, 10**17))]
    (tmp_path / "numbers.json").write_text(json.dumps(numbers))
    oracle.share(tmp_path, "/numbers")
    program = "map builtins.toJSON (builtins.fromJSON (builtins.readFile /numbers/numbers.json))"
    completed = oracle.run(["nix-instantiate", "--eval", "--strict", "--json", "--expr", program], check=True)
    assert [json_float(number) for number in numbers] == json.loads(completed.stdout)


@pytest.mark.oracle
def test_nix_reads_and_refuses_the_same(oracle, tmp_path) -> None:
    texts = [text for text, _ in READ] + [text for text, _ in REFUSED if len(text) < 1000]
    for number, text in enumerate(texts):
        (tmp_path / str(number)).write_bytes(text.encode("utf-8", "surrogateescape"))
    oracle.share(tmp_path, "/texts")
    one = "nix-instantiate --eval --strict --expr 'builtins.fromJSON (builtins.readFile /texts/'$n')' >/dev/null 2>&1"
    script = f"n=0; while [ $n -lt {len(texts)} ]; do if {one}; then echo $n; fi; n=$((n + 1)); done"
    accepted = {int(line) for line in oracle.run(["sh", "-c", script], check=True).stdout.split()}
    assert accepted == set(range(len(READ)))


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
        write_json(endless(), strict=True, copy_to_store=False)
