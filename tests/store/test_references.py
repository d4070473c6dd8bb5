"""Finding references in what was built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.store.addressing import compute_text_path
from system_manager.store.paths import HASH_PART_LENGTH, StorePath
from system_manager.store.references import ReferenceScanner

FEW = [compute_text_path(f"p{number}", str(number)) for number in range(5)]
MANY = [compute_text_path(f"p{number}", str(number)) for number in range(60)]


def scan(candidates: list[StorePath], *pieces: bytes) -> frozenset[StorePath]:
    scanner = ReferenceScanner(candidates)
    for piece in pieces:
        scanner.write(piece)
    return scanner.found()


@pytest.mark.parametrize("candidates", [FEW, MANY], ids=["few", "many"])
@pytest.mark.parametrize(
    "form",
    [
        "{full}",
        "{hash}",
        "x{hash}x",
        "{hash}{other}",
        "{full}/bin/sh",
        "\0\1{hash}\xff",
        "0123456789{hash}0123456789",
        "{hash}-with-another-name",
    ],
)
def test_where_a_hash_part_is_found(candidates: list[StorePath], form: str) -> None:
    text = form.format(full=candidates[2], hash=candidates[2].hash_part, other=candidates[4].hash_part)
    expected = {candidates[2], candidates[4]} if "{other}" in form else {candidates[2]}
    assert scan(candidates, text.encode("latin-1")) == expected


@pytest.mark.parametrize("candidates", [FEW, MANY], ids=["few", "many"])
@pytest.mark.parametrize(
    "text",
    ["", "/nix/store/", FEW[0].hash_part[:-1], FEW[0].hash_part[1:], FEW[0].hash_part.upper(), FEW[0].name * 40],
)
def test_what_is_no_reference(candidates: list[StorePath], text: str) -> None:
    assert scan(candidates, text.encode()) == frozenset()


def test_names_that_share_a_hash_part_are_all_found() -> None:
    twins = [StorePath("0" * HASH_PART_LENGTH, "a"), StorePath("0" * HASH_PART_LENGTH, "b")]
    assert scan(twins, b"0" * HASH_PART_LENGTH) == set(twins)


@pytest.mark.parametrize("candidates", [FEW, MANY], ids=["few", "many"])
@given(data=st.data())
def test_pieces_of_any_size_make_no_difference(candidates: list[StorePath], data: st.DataObject) -> None:
    mentioned = data.draw(st.lists(st.sampled_from(candidates), max_size=4))
    separators = st.text("/-\0a0 ", max_size=70)
    text = "".join(data.draw(separators) + path.hash_part for path in mentioned) + data.draw(separators)
    whole = text.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    expected = {path for path in candidates if path.hash_part in text}
    assert scan(candidates, *pieces) == expected
    assert scan(candidates, *(bytes([byte]) for byte in whole)) == expected
