"""TOML: what is read and what is refused, as in Nix."""

from __future__ import annotations

import json
import math

import pytest

from system_manager.language.formats.toml_reader import TomlError, read_toml

READ = [
    ("", {}),
    ("# comment", {}),
    ("a=1", {"a": 1}),
    ("\ufeffa=1\r\nb=2\r\n", {"a": 1, "b": 2}),
    ("a=[1,\"x\",[],{b=1},]", {"a": (1, "x", (), {"b": 1})}),
    ("a=true\nb=-1.5e-3\nc=1_000", {"a": True, "b": -0.0015, "c": 1000}),
    ("d=0x1F\ne=0o17\nf=0b101", {"d": 31, "e": 15, "f": 5}),
    ("a=9223372036854775807\nb=-9223372036854775808", {"a": 2**63 - 1, "b": -(2**63)}),
    ("a=inf\nb=-inf", {"a": math.inf, "b": -math.inf}),
    ("a.b.c=1\n[[x]]\ny=1\n[[x]]\ny=2", {"a": {"b": {"c": 1}}, "x": ({"y": 1}, {"y": 2})}),
    ("[a]\nb=1\n[a.c]\nd=2", {"a": {"b": 1, "c": {"d": 2}}}),
    ('a="""\nx\\\n   y"""\nb=\'\'\'\n\\n\'\'\'', {"a": "xy", "b": "\\n"}),
    ('"ä b".c="\\u00e4\\U0001F600"', {"ä b": {"c": "ä😀"}}),
    ("1.2=3", {"1": {"2": 3}}),
]  # fmt: skip

REFUSED = [
    "a", "a=", "=1", "a=1 b=2", "a=1\na=2", "[a]\n[a]", "a=1\n[a]", "[a]\nb=1\n[a.b]", "a=[1,2", "a={b=1", "a={b=1,}",
    "a={b=1\n}", "a=01", "a=1.", "a=.1", "a=1__0", "a=0X1", "a=+0x1", "a=True", 'a="x', 'a="\\x"', 'a="\\ud800"',
    'a="\x01"', 'a="x\ny"', "[a]b=1", "[]", "[a.]", "[[a]]\n[a]", "[a]\n[[a]]", "a={b=1}\na.c=2", "a={b=1}\n[a.c]",
    "a.b=1\n[a]\nc=2", "a=1\rb=2", "ä=1", "a=1.0e400", "a=9223372036854775808", "a=-9223372036854775809",
    "a=1979-05-27", "a=07:32:00", "a=1979-05-27T07:32:00Z", "a=1979-05-27 07:32:00", 'a="\\u0000"', '"\\u0000"=1',
    'a="\udcff"', "# \udcff",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), READ)
def test_read(text: str, value: dict[str, object]) -> None:
    assert read_toml(text) == value


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(TomlError):
        read_toml(text)


def test_deep_nesting_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(TomlError, match="nested too deeply"):
        read_toml("a=" + "[" * 100_000 + "]" * 100_000)


@pytest.mark.oracle
def test_nix_reads_and_refuses_the_same(oracle, tmp_path) -> None:
    texts = [text for text, _ in READ] + REFUSED
    for number, text in enumerate(texts):
        (tmp_path / str(number)).write_bytes(text.encode("utf-8", "surrogateescape"))
    oracle.share(tmp_path, "/texts")
    one = (
        "nix-instantiate --eval --strict --json --expr 'builtins.fromTOML (builtins.readFile /texts/'$n')' 2>/dev/null"
    )
    script = f"n=0; while [ $n -lt {len(texts)} ]; do {one} || echo refused; n=$((n + 1)); done"
    answers = oracle.run(["sh", "-c", script], check=True).stdout.splitlines()
    expected = [json.loads(json.dumps(value)) for _, value in READ]
    for answer, value in zip(answers, expected, strict=False):
        assert json.loads(answer) == (value if "inf" not in str(value) else {"a": None, "b": None})
    assert answers[len(READ) :] == ["refused"] * len(REFUSED)
