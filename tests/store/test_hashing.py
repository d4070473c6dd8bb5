"""Hashes and their spellings."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.store.errors import InvalidHashError
from system_manager.store.hashing import (
    Hash,
    HashAlgorithm,
    compress_hash,
    decode_nix32,
    encode_nix32,
    hash_bytes,
    nix32_length,
)

# `nix-hash --flat --type T [--base32|--sri]` of a file with the content "abc".
SPELLINGS = [
    ("md5", "900150983cd24fb0d6963f7d28e17f72", "3jgzhjhz9zjvbb0kyj7jc500ch", "md5-kAFQmDzST7DWlj99KOF/cg=="),
    (
        "sha1",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "kpcd173cq987hw957sx6m0868wv3x6d9",
        "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
    ),
    (
        "sha256",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s",
        "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
    ),
    (
        "sha512",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "2gs8k559z4rlahfx0y688s49m2vvszylcikrfinm30ly9rak69236nkam5ydvly1ai7xac99vxfc4ii84hawjbk876blyk1jfhkbbyx",
        "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==",
    ),
]


@pytest.mark.parametrize(("algorithm", "base16", "nix32", "sri"), SPELLINGS)
def test_the_four_spellings_of_a_hash(algorithm: str, base16: str, nix32: str, sri: str) -> None:
    found = hash_bytes(HashAlgorithm.parse(algorithm), b"abc")
    assert (found.base16, found.nix32, found.sri) == (base16, nix32, sri)
    for text in (f"{algorithm}:{base16}", f"{algorithm}:{nix32}", f"{algorithm}:{found.base64}", sri):
        assert Hash.parse(text) == found
        assert Hash.parse(text, found.algorithm) == found
    for text in (base16, nix32, found.base64):
        assert Hash.parse(text, found.algorithm) == found


SHA256 = HashAlgorithm.SHA256
SHA1_BASE32 = "kpcd173cq987hw957sx6m0868wv3x6d9"

REFUSED = [
    ("no algorithm anywhere", SHA1_BASE32, None, "does not include a type"),
    ("an algorithm that contradicts", f"sha1:{SHA1_BASE32}", SHA256, "should have type 'sha256'"),
    ("an unknown algorithm", f"blake2:{SHA1_BASE32}", None, "unknown hash algorithm 'blake2'"),
    ("nothing after the algorithm", "sha256:", None, "wrong length"),
    ("nothing at all", "", SHA256, "wrong length"),
    ("a length that no spelling has", "sha256:abc", None, "wrong length"),
    ("base 16 with a letter beyond f", f"sha1:{'g' * 40}", None, "invalid base-16"),
    ("base 32 with a letter that is not in it", f"sha1:{'e' * 32}", None, "invalid character 'e'"),
    ("base 64 with a character that is not in it", f"md5:{'!' * 22}==", None, "invalid base-64"),
    ("SRI with base 16", f"sha1-{'0' * 40}", None, "wrong length"),
    ("base 32 with bits beyond the digest", "sha256:" + "z" * 52, None, "bits beyond its last byte"),
    ("another script's digits", "sha1:" + "\u0661" * 40, None, "invalid base-16"),
]


@pytest.mark.parametrize(("text", "algorithm", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_texts_that_are_no_hash(text: str, algorithm: HashAlgorithm | None, message: str) -> None:
    with pytest.raises(InvalidHashError, match=message):
        Hash.parse(text, algorithm)


def test_a_digest_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(InvalidHashError, match="has 32 bytes, not 5"):
        Hash(SHA256, b"short")


@given(st.binary(max_size=80))
def test_base_32_round_trip(data: bytes) -> None:
    text = encode_nix32(data)
    assert len(text) == nix32_length(len(data))
    assert decode_nix32(text, len(data)) == data


@given(st.binary(min_size=1, max_size=64), st.integers(1, 32))
def test_folding_keeps_the_exclusive_or_of_all_bytes(digest: bytes, size: int) -> None:
    folded = compress_hash(digest, size)
    assert len(folded) == size
    total = 0
    for byte in digest:
        total ^= byte
    for byte in folded:
        total ^= byte
    assert total == 0


def test_folding_a_short_digest_pads_it() -> None:
    assert compress_hash(b"\x01\x02", 4) == b"\x01\x02\x00\x00"


@given(st.binary(max_size=200), st.sampled_from(list(HashAlgorithm)))
def test_hashes_are_those_of_hashlib(data: bytes, algorithm: HashAlgorithm) -> None:
    assert hash_bytes(algorithm, data).digest == hashlib.new(algorithm.value, data).digest()
