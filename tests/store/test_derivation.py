"""Derivations: the text form, their paths, and the paths of their outputs."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.base.records import replace
from system_manager.store.addressing import ContentAddress, IngestionMethod
from system_manager.store.derivation import (
    Derivation,
    Output,
    derivation_name,
    derivation_path,
    parse_derivation,
)
from system_manager.store.errors import InvalidDerivationError
from system_manager.store.hashing import Hash, HashAlgorithm
from system_manager.store.modulo import ModuloHashes
from system_manager.store.paths import StorePath
from tests.store.golden import DERIVATION_CASES, written


def read_case(case: str) -> dict[StorePath, Derivation]:
    files = written(case)
    assert files
    paths = {name: StorePath.from_base_name(name) for name in files}
    return {paths[name]: parse_derivation(content, derivation_name(paths[name])) for name, content in files.items()}


def forget_outputs(derivation: Derivation) -> Derivation:
    """As an evaluator first makes it: without the paths of its outputs."""
    return replace(
        derivation,
        outputs={name: Output(None, output.content) for name, output in derivation.outputs.items()},
        environment={name: value for name, value in derivation.environment.items() if name not in derivation.outputs},
    )


@pytest.mark.parametrize("case", DERIVATION_CASES)
def test_printing_gives_back_what_nix_wrote(case: str) -> None:
    for name, content in written(case).items():
        path = StorePath.from_base_name(name)
        derivation = parse_derivation(content, derivation_name(path))
        assert derivation.to_aterm() == content
        assert derivation_path(derivation) == path


@pytest.mark.parametrize("case", DERIVATION_CASES)
def test_outputs_get_the_paths_that_nix_gives_them(case: str) -> None:
    derivations = read_case(case)
    for derivation in derivations.values():
        hashes = ModuloHashes(derivations.__getitem__)
        assert hashes.fill_output_paths(forget_outputs(derivation)) == derivation
        hashes.check_output_paths(derivation)


def test_what_was_recorded_is_not_read_again() -> None:
    derivations = read_case("chain")
    hashes = ModuloHashes(derivations.__getitem__)
    for path, derivation in derivations.items():
        hashes.record(path, derivation)

    def refuse(path: StorePath) -> Derivation:
        raise AssertionError(path)

    hashes._read = refuse
    for derivation in derivations.values():
        hashes.check_output_paths(derivation)


def test_a_chain_longer_than_python_can_recurse() -> None:
    derivations: dict[StorePath, Derivation] = {}
    building = ModuloHashes(derivations.__getitem__)
    previous: dict[StorePath, frozenset[str]] = {}
    for number in range(1500):
        derivation = building.fill_output_paths(
            Derivation(f"d{number}", {"out": Output()}, "x", "x", input_derivations=previous)
        )
        path = derivation_path(derivation)
        derivations[path] = derivation
        building.record(path, derivation)
        previous = {path: frozenset({"out"})}
    fresh = ModuloHashes(derivations.__getitem__)
    fresh.check_output_paths(derivation)


def test_derivations_that_depend_on_each_other() -> None:
    first, second = StorePath("0" * 32, "a.drv"), StorePath("1" * 32, "b.drv")
    out = frozenset({"out"})
    graph = {
        first: Derivation("a", {"out": Output()}, "x", "x", input_derivations={second: out}),
        second: Derivation("b", {"out": Output()}, "x", "x", input_derivations={first: out}),
    }
    with pytest.raises(InvalidDerivationError, match="depends on itself"):
        ModuloHashes(graph.__getitem__).fill_output_paths(graph[first])


CONTENT = ContentAddress(IngestionMethod.FLAT, Hash(HashAlgorithm.SHA256, bytes(32)))


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({}, "at least one output"),
        ({"out": Output(None, CONTENT), "dev": Output()}, "only one fixed output is allowed"),
        ({"dev": Output(None, CONTENT)}, 'must be named "out"'),
    ],
)
def test_outputs_that_nix_does_not_allow(outputs: Mapping[str, Output], message: str) -> None:
    with pytest.raises(InvalidDerivationError, match=message):
        ModuloHashes({}.__getitem__).fill_output_paths(Derivation("x", outputs, "x", "x"))


def test_an_output_that_claims_the_path_of_another() -> None:
    hashes = ModuloHashes({}.__getitem__)
    honest = hashes.fill_output_paths(Derivation("x", {"out": Output()}, "x", "x"))
    other = StorePath("0" * 32, "x")
    with pytest.raises(InvalidDerivationError, match="incorrect output"):
        hashes.check_output_paths(replace(honest, outputs={"out": Output(other)}))
    with pytest.raises(InvalidDerivationError, match="incorrect environment variable 'out'"):
        hashes.check_output_paths(replace(honest, environment={"out": str(other)}))


GOOD = b'Derive([("out","","","")],[],[],"x","x",[],[])'
OUT = b'("out","","","")'

MALFORMED = [
    ("nothing", b"", "expected 'Derive"),
    ("another term", b"Other([])", "expected 'Derive"),
    ("cut off", GOOD[:-1], "expected"),
    ("text after the end", GOOD + b" ", "unexpected text after its end"),
    ("no outputs", GOOD.replace(OUT, b""), "it has no outputs"),
    ("a string without an end", GOOD[:-20] + b'"', "expected"),
    ("white space", GOOD.replace(b",", b", "), "expected"),
    ("an output path outside the store", GOOD.replace(OUT, b'("out","/etc/passwd","","")'), "not in the Nix store"),
    ("a hash without an algorithm", GOOD.replace(OUT, b'("out","","","00")'), "hash without an algorithm"),
    ("an unknown algorithm", GOOD.replace(OUT, b'("out","","r:crc32","00")'), "unknown hash algorithm"),
    ("a hash of the wrong length", GOOD.replace(OUT, b'("out","","sha256","00")'), "wrong length"),
    ("an input that is no path", GOOD.replace(b"[],[],", b'[("x",["out"])],[],', 1), "not in the Nix store"),
    ("a content-addressed output", GOOD.replace(OUT, b'("out","","r:sha256","")'), "is content-addressed"),
    ("an impure output", GOOD.replace(OUT, b'("out","","r:sha256","impure")'), "is content-addressed"),
    ("a dynamic derivation", b'DrvWithVersion("xp-dyn-drv",[],[])', "derivations that are made by derivations"),
]


@pytest.mark.parametrize(("data", "message"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_texts_that_are_no_derivation(data: bytes, message: str) -> None:
    with pytest.raises(InvalidDerivationError, match=message):
        parse_derivation(data, "x")


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parser_fail_in_another_way(data: bytes) -> None:
    for candidate in (data, GOOD[: len(data)] + data, GOOD.replace(b'"x"', data, 1)):
        with contextlib.suppress(InvalidDerivationError):
            parse_derivation(candidate, "x")


TEXTS = st.one_of(
    st.text(), st.text('"\\\n\r\t$\x00aä'), st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))
).filter(lambda text: text == text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape"))
NAMES = st.text("abcxyz019-_", min_size=1, max_size=20)
PATHS = st.builds(StorePath, st.text("0123456789abcdfghijklmnpqrsvwxyz", min_size=32, max_size=32), NAMES)
CONTENTS = st.builds(
    ContentAddress,
    st.sampled_from([IngestionMethod.FLAT, IngestionMethod.RECURSIVE]),
    st.builds(Hash, st.just(HashAlgorithm.SHA256), st.binary(min_size=32, max_size=32)),
)
DERIVATIONS = st.builds(
    Derivation,
    NAMES,
    st.dictionaries(NAMES, st.builds(Output, st.none() | PATHS, st.none() | CONTENTS), min_size=1),
    TEXTS,
    TEXTS,
    st.lists(TEXTS).map(tuple),
    st.dictionaries(TEXTS, TEXTS),
    st.dictionaries(PATHS, st.frozensets(NAMES)),
    st.frozensets(PATHS),
)


@given(DERIVATIONS)
def test_text_form_round_trip(derivation: Derivation) -> None:
    data = derivation.to_aterm()
    parsed = parse_derivation(data, derivation.name)
    assert parsed == derivation
    assert parsed.to_aterm() == data


def test_variables_are_sorted_by_their_bytes() -> None:
    names = ["\udcff", "\ue000", "\U0001f600", "a"]
    derivation = Derivation("x", {"out": Output()}, "x", "x", environment=dict.fromkeys(names, ""))
    raw = [name.encode("utf-8", "surrogateescape") for name in names]
    assert sorted(raw, key=derivation.to_aterm().index) == sorted(raw)
