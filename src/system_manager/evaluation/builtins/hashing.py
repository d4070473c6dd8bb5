"""``builtins.convertHash``."""

from __future__ import annotations

from system_manager.base.type_hints import Callable, Iterator
from system_manager.evaluation.hashes import parse_algorithm, parse_hash
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import Lazy, Value, force_attributes, force_plain_string, select
from system_manager.store.hashing import Hash

_FORMATS: dict[str, Callable[[Hash], str]] = {
    "base16": lambda value: value.base16,
    "nix32": lambda value: value.nix32,
    "base32": lambda value: value.nix32,
    "base64": lambda value: value.base64,
    "sri": lambda value: value.sri,
}


def hash_builtins() -> Iterator[Builtin]:
    """The records for the evaluator."""
    yield Builtin("convertHash", 1, convert_hash, "Write a hash in another format.")


def convert_hash(arguments: Lazy) -> Value:
    """``{ hash, hashAlgo ? <from the hash>, toHashFormat }``."""
    attributes = force_attributes(arguments, "while evaluating the first argument passed to builtins.convertHash")
    text = force_plain_string(select(attributes, "hash"), "while evaluating the attribute 'hash'")
    algorithm = None
    if "hashAlgo" in attributes:
        algorithm = parse_algorithm(
            force_plain_string(attributes["hashAlgo"], "while evaluating the attribute 'hashAlgo'")
        )
    wanted = force_plain_string(select(attributes, "toHashFormat"), "while evaluating the attribute 'toHashFormat'")
    write = _FORMATS.get(wanted)
    if write is None:
        raise EvaluationError(
            f"unknown hash format '{wanted}', expected 'base16', 'base32', 'base64', 'nix32', or 'sri'"
        )
    return write(parse_hash(text, algorithm))
