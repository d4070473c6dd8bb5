"""Reading unit files, and what a difference between two definitions calls for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.activation.unit_file import Comparison, compare, flag, last, parse_unit, values

BASE = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/a\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("[Unit]\n", {"Unit": {}}),
        ("Key=before any section\n[Unit]\nA=1\n", {"Unit": {"A": ["1"]}}),
        ("[Unit]\nA=1\nA=2\n", {"Unit": {"A": ["1", "2"]}}),
        ("[Unit]\nA=1\n[Service]\nB=2\n[Unit]\nC=3\n", {"Unit": {"A": ["1"], "C": ["3"]}, "Service": {"B": ["2"]}}),
        ("[Unit]\nA=1\nA=\nA=3\n", {"Unit": {"A": ["3"]}}),
        ("[Unit]\nA=1\nA=\n", {"Unit": {"A": []}}),
        ("[Unit]\n# A=1\n; B=2\n  # C=3\n", {"Unit": {}}),
        ("[Unit]\n  A  =  1 = 2  \n", {"Unit": {"A": ["1 = 2"]}}),
        ("[Unit]\nA=one \\\n  two \\\n# a comment does not end it\n  three\nB=x\n",
         {"Unit": {"A": ["one    two    three"], "B": ["x"]}}),
        ("[Unit]\nA=ends with a backslash\\\n", {"Unit": {"A": ["ends with a backslash"]}}),
        ("[Unit]\nA=one\\\\\nB=two\\\\\\\nC=three\n",
         {"Unit": {"A": ["one\\\\"], "B": ["two\\\\ C=three"]}}),
        ("[Unit]\nA=1\fB=2\u2028C=3\x85D=4\n", {"Unit": {"A": ["1\fB=2\u2028C=3\x85D=4"]}}),
        ("[Unit]\rA=1\rB=2\r", {"Unit": {"A": ["1"], "B": ["2"]}}),
        ('[Unit]\nA="quotes stay"\n', {"Unit": {"A": ['"quotes stay"']}}),
        ("[Unit]\nno equals sign\nA=1\n", {"Unit": {"A": ["1"]}}),
        ("[Install]\nWantedBy=x.target\n[Unit]\nA=1\n", {"Unit": {"A": ["1"]}}),
        ("[Unit]\r\nA=1\r\n", {"Unit": {"A": ["1"]}}),
        ("[X-Section with spaces]\nA=ä\n", {"X-Section with spaces": {"A": ["ä"]}}),
        ("[Unit\nA=1\n", {}),
        # lines, blanks and continuations are those of systemd
        ("\ufeff[Unit]\nA=1\n", {"Unit": {"A": ["1"]}}),
        ("[Unit]\nA=1\x0b2\x0c3\x854\u2028B=5\n", {"Unit": {"A": ["1\x0b2\x0c3\x854\u2028B=5"]}}),
        ("[Unit]\nA=1\xa0\n", {"Unit": {"A": ["1\xa0"]}}),
        ("[Unit]\nA=1\rB=2\n\rC=3", {"Unit": {"A": ["1"], "B": ["2"], "C": ["3"]}}),
        ("[Unit]\nA=c:\\\\\nB=2\n", {"Unit": {"A": ["c:\\\\"], "B": ["2"]}}),
        ("[Unit]\nA=c:\\\\\\\n2\n", {"Unit": {"A": ["c:\\\\ 2"]}}),
        ("[Unit]\r\nA=1 \\\r\n; no end\r\n 2\r\n", {"Unit": {"A": ["1   2"]}}),
    ],
)  # fmt: skip
def test_parse(text: str, expected: dict[str, dict[str, list[str]]]) -> None:
    assert parse_unit([text]) == expected


def test_drop_ins_add_and_reset() -> None:
    merged = parse_unit([BASE, "[Service]\nExecStart=\nExecStart=/bin/b\n", "[Service]\nUser=x\n"])
    assert merged["Service"] == {"ExecStart": ["/bin/b"], "User": ["x"]}


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert compare(parse_unit([text]), parse_unit([text])) is Comparison.EQUAL


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("1", True), ("yes", True), ("true", True), ("on", True),
        ("0", False), ("no", False), ("TRUE", False), ("x", False),
    ],
)  # fmt: skip
def test_flags(word: str, expected: bool) -> None:
    for default in (True, False):
        assert flag(parse_unit([f"[Unit]\nX-K={word}\n"]), "Unit", "X-K", default=default) is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *((word, True) for word in ("1", "yes", "Y", "True", "t", "ON")),
        *((word, False) for word in ("0", "no", "n", "False", "off", "x", "yes please")),
    ],
)  # fmt: skip
def test_flags_of_systemd_itself(word: str, expected: bool) -> None:
    assert (
        flag(parse_unit([f"[Unit]\nRefuseManualStop={word}\n"]), "Unit", "RefuseManualStop", default=False) is expected
    )


def test_the_last_value_of_a_flag_counts() -> None:
    assert flag(parse_unit(["[Unit]\nK=yes\nK=no\n"]), "Unit", "K", default=True) is False
    assert flag(parse_unit(["[Unit]\nK=no\nK=\n"]), "Unit", "K", default=True) is True


def test_absent_keys() -> None:
    unit = parse_unit([BASE])
    assert values(unit, "Socket", "ListenStream") == []
    assert last(unit, "Service", "Type", "simple") == "simple"


EQUAL, RELOAD, DIFFERENT = Comparison.EQUAL, Comparison.RELOAD, Comparison.DIFFERENT


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (BASE, BASE, EQUAL),
        (BASE, f"# comment\n{BASE}\n", EQUAL),
        ("[Unit]\nA=1\nB=2\n[Service]\nC=3\n", "[Service]\nC=3\n[Unit]\nB=2\nA=1\n", EQUAL),
        # keys that never matter
        *(
            (BASE, f"{BASE}[Unit]\n{key}=x\n", EQUAL)
            for key in (
                "Description", "Documentation", "OnFailure", "OnSuccess", "OnFailureJobMode", "IgnoreOnIsolate",
                "StopWhenUnneeded", "RefuseManualStart", "RefuseManualStop", "AllowIsolate", "CollectMode",
                "SourcePath",
            )
        ),
        ("[Unit]\nDescription=x\n[Service]\nA=1\n", "[Service]\nA=1\n", EQUAL),
        (BASE, f"{BASE}[Install]\nWantedBy=x.target\n", EQUAL),
        # Description elsewhere is an ordinary key
        (BASE, f"{BASE}[Service]\nDescription=x\n", DIFFERENT),
        # ordinary keys
        (BASE, BASE.replace("/bin/a", "/bin/b"), DIFFERENT),
        (BASE, f"{BASE}User=x\n", DIFFERENT),
        (f"{BASE}User=x\n", BASE, DIFFERENT),
        (f"{BASE}A=1\nA=2\n", f"{BASE}A=2\nA=1\n", DIFFERENT),
        (BASE, f"{BASE}[Socket]\nX=1\n", DIFFERENT),
        (f"{BASE}[X-Mine]\nX=1\n", BASE, DIFFERENT),
        (BASE, f"{BASE}[Unit]\nAfter=x.target\n", DIFFERENT),
        # X- keys are ordinary, toggling them included
        (BASE, f"{BASE}[Unit]\nX-Restart-Triggers=1\n", DIFFERENT),
        (f"{BASE}[Unit]\nX-Restart-Triggers=1\n", f"{BASE}[Unit]\nX-Restart-Triggers=2\n", DIFFERENT),
        (BASE, f"{BASE}X-RestartIfChanged=false\n", DIFFERENT),
        # what a reload is enough for
        (BASE, f"{BASE}[Unit]\nX-Reload-Triggers=1\n", RELOAD),
        (f"{BASE}[Unit]\nX-Reload-Triggers=1\n", f"{BASE}[Unit]\nX-Reload-Triggers=2\n", RELOAD),
        (f"{BASE}[Unit]\nX-Reload-Triggers=1\n", BASE, EQUAL),
        (BASE, f"{BASE}ExecReload=/bin/r\n", RELOAD),
        (f"{BASE}ExecReload=/bin/r\n", f"{BASE}ExecReload=/bin/s\n", RELOAD),
        (f"{BASE}ExecReload=/bin/r\n", BASE, EQUAL),
        ("[Unit]\nA=1\n", "[Unit]\nA=1\n[Service]\nExecReload=/bin/r\n", RELOAD),
        ("[Mount]\nOptions=ro\n", "[Mount]\nOptions=rw\n", RELOAD),
        ("[Mount]\nWhat=/a\n", "[Mount]\nWhat=/a\nOptions=rw\n", DIFFERENT),
        ("[Mount]\nWhat=/a\nOptions=rw\n", "[Mount]\nWhat=/a\n", DIFFERENT),
        ("[Mount]\nWhat=/a\n", "[Mount]\nWhat=/b\n", DIFFERENT),
        # the greater one wins
        (BASE, f"{BASE}ExecReload=/bin/r\nUser=x\n", DIFFERENT),
        ("[Mount]\nWhat=/a\nOptions=ro\n", "[Mount]\nWhat=/b\nOptions=rw\n", DIFFERENT),
    ],
)  # fmt: skip
def test_compare(old: str, new: str, expected: Comparison) -> None:
    assert compare(parse_unit([old]), parse_unit([new])) is expected
