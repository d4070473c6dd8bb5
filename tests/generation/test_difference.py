"""What differs between two manifests."""

from __future__ import annotations

import pytest

from system_manager.generation.difference import Difference, Subject, Verb, compare
from system_manager.generation.manifest import CopyFile, HealthCheck, LinkFile, Manifest, Unit, nothing


def manifest(**fields: object) -> Manifest:
    return Manifest(version=1, **fields)  # type: ignore[arg-type] # each test names the fields that it sets


LINK, OTHER = LinkFile("/etc/a", "/nix/store/1"), LinkFile("/etc/a", "/nix/store/2")
COPY = CopyFile("/etc/a", "/nix/store/1", "0600")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, []),
        ({"files": (LINK,)}, {"files": (LINK,)}, []),
        ({}, {"files": (LINK,)}, [(Subject.FILE, Verb.ADDED, "/etc/a", None, "-> /nix/store/1")]),
        ({"files": (LINK,)}, {}, [(Subject.FILE, Verb.REMOVED, "/etc/a", "-> /nix/store/1", None)]),
        ({"files": (LINK,)}, {"files": (OTHER,)},
         [(Subject.FILE, Verb.CHANGED, "/etc/a", "-> /nix/store/1", "-> /nix/store/2")]),
        ({"files": (LINK,)}, {"files": (COPY,)},
         [(Subject.FILE, Verb.CHANGED, "/etc/a", "-> /nix/store/1", "/nix/store/1 0600 root:root")]),
        ({"units": {"a.service": Unit("/f")}}, {"units": {"a.service": Unit(masked=True)}},
         [(Subject.UNIT, Verb.CHANGED, "a.service", "/f", "masked")]),
        ({}, {"units": {"a.service": Unit(None, ("/d",), wanted_by=("x.target",), aliases=("b.service",))}},
         [(Subject.UNIT, Verb.ADDED, "a.service", None,
           "the distribution's; /d; wanted by x.target; also called b.service")]),
        ({"user_units": {"a.service": Unit("/f")}}, {"user_units": {"a.service": Unit("/g")}},
         [(Subject.USER_UNIT, Verb.CHANGED, "a.service", "/f", "/g")]),
        ({"health_checks": (HealthCheck("a", script="/s"),)}, {"health_checks": (HealthCheck("a", url="http://x"),)},
         [(Subject.HEALTH_CHECK, Verb.CHANGED, "a", "/s", "http://x answers 200")]),
        ({"packages": ("/nix/store/h-nginx-1.22",)}, {"packages": ("/nix/store/g-nginx-1.24",)},
         [(Subject.PACKAGE, Verb.CHANGED, "nginx", "nginx-1.22", "nginx-1.24")]),
        ({}, {"packages": ("/nix/store/h-g++-4:12-x", "/nix/store/h-a-b",)},
         [(Subject.PACKAGE, Verb.ADDED, "a-b", None, "a-b"), (Subject.PACKAGE, Verb.ADDED, "g++", None, "g++-4:12-x")]),
        ({"environment": {"A": "1"}}, {"environment": {"A": "2"}},
         [(Subject.ENVIRONMENT, Verb.CHANGED, "A", "1", "2")]),
    ],
)  # fmt: skip
def test_differences(old: dict[str, object], new: dict[str, object], expected: list[tuple[object, ...]]) -> None:
    assert compare(manifest(**old), manifest(**new)) == [Difference(*one) for one in expected]  # type: ignore[arg-type] # rows of the table


def test_the_other_way_round_is_the_opposite() -> None:
    one, two = manifest(files=(LINK,), environment={"A": "1"}), manifest(files=(OTHER,), packages=("/nix/store/h-x-1",))
    there, back = compare(one, two), compare(two, one)
    assert [(d.name, d.before, d.after) for d in there] == [(d.name, d.after, d.before) for d in back]
    assert compare(one, one) == compare(nothing(), nothing()) == []
