"""Store paths: names, texts, and how they are computed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.store.addressing import (
    ContentAddress,
    IngestionMethod,
    compute_text_path,
    make_fixed_output_path,
    make_placeholder,
    make_store_path,
)
from system_manager.store.errors import InvalidStorePathError, StoreError
from system_manager.store.hashing import Hash, HashAlgorithm
from system_manager.store.paths import MAXIMUM_NAME_LENGTH, StorePath, check_name
from tests.store.golden import CASES

GOLDEN = json.loads((CASES / "paths.json").read_text("utf-8"))
DIGITS = "0c7y1vhs5xnzn3yqv1y0rxpq8mp5qz3m"


@pytest.mark.parametrize("case", GOLDEN["texts"], ids=lambda case: case["name"][:20])
def test_paths_of_texts(case: dict[str, object]) -> None:
    references = [StorePath.parse(text) for text in case["references"]]
    assert str(compute_text_path(case["path"].split("-", 1)[1], case["text"], references)) == case["path"]


def test_the_order_of_references_does_not_matter() -> None:
    first, second = (compute_text_path(name, name) for name in ("a", "b"))
    assert compute_text_path("x", "x", [first, second]) == compute_text_path("x", "x", [second, first, second])


@pytest.mark.parametrize("case", GOLDEN["fixed"], ids=lambda case: f"{case['algorithm']}-{case['mode']}")
def test_paths_of_fixed_outputs(case: dict[str, str]) -> None:
    method = IngestionMethod.FLAT if case["mode"] == "flat" else IngestionMethod.RECURSIVE
    content = ContentAddress(method, Hash.parse(case["hash"], HashAlgorithm(case["algorithm"])))
    assert str(make_fixed_output_path("fixed+_?=.-x", content)) == case["path"]
    assert ContentAddress.parse(str(content)) == content


@pytest.mark.parametrize("case", GOLDEN["placeholders"], ids=lambda case: case["output"])
def test_placeholders(case: dict[str, str]) -> None:
    assert make_placeholder(case["output"]) == case["placeholder"]


@pytest.mark.parametrize(
    ("method", "algorithm"),
    [
        (IngestionMethod.FLAT, HashAlgorithm.SHA256),
        (IngestionMethod.FLAT, HashAlgorithm.MD5),
        (IngestionMethod.RECURSIVE, HashAlgorithm.SHA1),
    ],
)
def test_content_that_cannot_refer_to_anything(method: IngestionMethod, algorithm: HashAlgorithm) -> None:
    content = ContentAddress(method, Hash(algorithm, bytes(algorithm.digest_size)))
    with pytest.raises(InvalidStorePathError, match="not allowed to refer to other store paths"):
        make_fixed_output_path("x", content, [compute_text_path("a", "a")])
    with pytest.raises(InvalidStorePathError, match="not allowed to refer to other store paths"):
        make_fixed_output_path("x", content, self_reference=True)


GOOD_NAMES = ["a", "hello-2.12", "+-._?=", "...", ".hidden", ".a-b", "..a", "-", "0", "x" * MAXIMUM_NAME_LENGTH]
BAD_NAMES = [
    ("", "must not be empty"),
    (".", "name '.' is not valid"),
    ("..", "name '..' is not valid"),
    (".-a", "first dash-separated component must not be '.'"),
    ("..-a", "first dash-separated component must not be '..'"),
    ("x" * (MAXIMUM_NAME_LENGTH + 1), "must be no longer than 211 characters"),
    ("a b", "contains illegal character ' '"),
    ("a/b", "contains illegal character '/'"),
    ("a\0", "contains illegal character"),
    ("a\n", "contains illegal character"),
    ("ä", "contains illegal character 'ä'"),
    ("a@b", "contains illegal character '@'"),
    ("~", "contains illegal character '~'"),
    ("\u0660", "contains illegal character"),
]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_names_that_are_allowed(name: str) -> None:
    check_name(name)
    assert StorePath.parse(f"/nix/store/{DIGITS}-{name}").name == name


@pytest.mark.parametrize(("name", "message"), BAD_NAMES)
def test_names_that_are_not(name: str, message: str) -> None:
    with pytest.raises(InvalidStorePathError) as caught:
        check_name(name)
    assert message in caught.value.what
    with pytest.raises(InvalidStorePathError):
        make_store_path("text", Hash(HashAlgorithm.SHA256, bytes(32)), name)
    with pytest.raises(InvalidStorePathError):
        StorePath.from_base_name(f"{DIGITS}-{name}")


NOT_STORE_PATHS = [
    "",
    "/",
    "/nix/store",
    "/nix/store/",
    f"/nix/store/{DIGITS}",
    f"/nix/store/{DIGITS}-",
    f"/nix/store/{DIGITS}_x",
    f"/nix/store/{DIGITS.replace('0', 'e')}-x",
    f"/nix/store/{DIGITS.upper()}-x",
    f"/nix/store/{DIGITS[1:]}-x",
    f"/nix/store/{DIGITS}-x/bin",
    f"/nix/store//{DIGITS}-x",
    f"/nix/store/../{DIGITS}-x",
    f"/nix/other/{DIGITS}-x",
    f"nix/store/{DIGITS}-x",
    f"{DIGITS}-x",
]


@pytest.mark.parametrize("text", NOT_STORE_PATHS)
def test_texts_that_are_no_store_path(text: str) -> None:
    with pytest.raises(InvalidStorePathError):
        StorePath.parse(text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [(f"/nix/store/{DIGITS}-x", ""), (f"/nix/store/{DIGITS}-x/", "/"), (f"/nix/store/{DIGITS}-x/a/../b", "/a/../b")],
)
def test_splitting_a_path_inside_the_store(text: str, rest: str) -> None:
    assert StorePath.containing(text) == (StorePath(DIGITS, "x"), rest)


@pytest.mark.parametrize("text", ["/nix/store", "/nix/store/", "/nix/store/.links/x", "/usr/bin/sh", ""])
def test_paths_that_are_not_inside_one(text: str) -> None:
    with pytest.raises(InvalidStorePathError):
        StorePath.containing(text)


@given(st.text("0123456789abcdfghijklmnpqrsvwxyz", min_size=32, max_size=32), st.text("abcXYZ019+-_?=", min_size=1))
def test_printing_and_parsing_round_trip(hash_part: str, name: str) -> None:
    path = StorePath(hash_part, name)
    assert StorePath.parse(str(path)) == path
    assert StorePath.from_base_name(path.base_name) == path


@given(st.lists(st.builds(StorePath, st.sampled_from(["0" * 32, "1" * 32]), st.text("-.+0Aa", min_size=1))))
def test_paths_are_ordered_by_their_base_names(paths: list[StorePath]) -> None:
    assert [path.base_name for path in sorted(paths)] == sorted(path.base_name for path in paths)


@pytest.mark.parametrize("text", ["", "text", "fixed:", "fixed:git:sha1:00", "other:sha256:00", "text:sha256:zz"])
def test_texts_that_are_no_content_address(text: str) -> None:
    with pytest.raises(StoreError, match=r"hash|content address"):
        ContentAddress.parse(text)
