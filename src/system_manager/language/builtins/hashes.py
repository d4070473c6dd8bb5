"""``hashString``."""

from __future__ import annotations

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import Lazy, Value, force_plain_string, force_string, string_text

TABLE = BuiltinTable()

_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha512"})


@TABLE.builtin("hashString", 2, "The hash of a string's bytes in base 16. The algorithm is `md5`, `sha1`, `sha256` or "
               "`sha512`.")  # fmt: skip
def hash_string(algorithm: Lazy, string: Lazy) -> Value:
    import hashlib  # most programs never hash

    algorithm = force_plain_string(algorithm, "while evaluating the first argument passed to builtins.hashString")
    if algorithm not in _ALGORITHMS:
        raise EvaluationError(
            f"unknown hash algorithm '{algorithm}', expect one of 'md5', 'sha1', 'sha256' or 'sha512'"
        )
    string = force_string(string, "while evaluating the second argument passed to builtins.hashString")
    data = string_text(string).encode("utf-8", "surrogateescape")
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
