"""Hashes as programs write them, with Nix's words for what is wrong with them."""

from __future__ import annotations

from system_manager.language.errors import EvaluationError
from system_manager.store.errors import InvalidHashError
from system_manager.store.hashing import Hash, HashAlgorithm


def parse_algorithm(name: str) -> HashAlgorithm:
    """An algorithm by its name; raise :class:`EvaluationError`."""
    try:
        return HashAlgorithm.parse(name)
    except InvalidHashError as error:
        raise EvaluationError(error.what, hint=error.hint) from None


def parse_hash(text: str, algorithm: HashAlgorithm | None) -> Hash:
    """Any spelling of a hash; raise :class:`EvaluationError`."""
    try:
        return Hash.parse(text, algorithm)
    except InvalidHashError as error:
        raise EvaluationError(error.what, hint=error.hint) from None


def parse_expected_hash(text: str, algorithm: HashAlgorithm | None) -> tuple[Hash, str | None]:
    """As :func:`parse_hash`; an empty text stands for zeros, so that the real hash can be read off the error.

    Also returns a warning, if there is one.
    """
    if text:
        return parse_hash(text, algorithm), None
    if algorithm is None:
        raise EvaluationError("empty hash requires explicit hash type")
    zeros = Hash(algorithm, bytes(algorithm.digest_size))
    return zeros, f"found empty hash, assuming '{zeros.sri}'"
