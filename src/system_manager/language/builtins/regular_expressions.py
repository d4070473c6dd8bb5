"""``match`` and ``split``."""

from __future__ import annotations

from system_manager.base.type_hints import Any
from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.errors import EvaluationError
from system_manager.language.regex.errors import InvalidRegexError, RegexSpaceError
from system_manager.language.runtime import Lazy, Value, force_plain_string, force_string, string_text

TABLE = BuiltinTable()

_CACHE_SIZE = 2000
_cache: dict[str, Any] = {}


@TABLE.builtin("match", 2, "The groups of a POSIX extended regular expression when it matches the whole string, `null` "
               "when it does not. A group that took no part in the match is `null`.")  # fmt: skip
def match(regex: Lazy, string: Lazy) -> Value:
    regex = force_plain_string(regex, "while evaluating the first argument passed to builtins.match")
    expression = _compiled(regex)
    string = force_string(string, "while evaluating the second argument passed to builtins.match")
    try:
        return expression.match(string_text(string))
    except RegexSpaceError:
        raise EvaluationError(f"memory limit exceeded by regular expression '{regex}'") from None


@TABLE.builtin("split", 2, "The parts of a string that a POSIX extended regular expression does not match, and between "
               "them the lists of the groups of its matches.")  # fmt: skip
def split(regex: Lazy, string: Lazy) -> Value:
    regex = force_plain_string(regex, "while evaluating the first argument passed to builtins.split")
    expression = _compiled(regex)
    string = force_string(string, "while evaluating the second argument passed to builtins.split")
    try:
        pieces = expression.split(string_text(string))
    except RegexSpaceError:
        raise EvaluationError(f"memory limit exceeded by regular expression '{regex}'") from None
    # Without a match the string itself is the only element, and keeps its context.
    return (string,) if len(pieces) == 1 else tuple(pieces)


def _compiled(regex: str) -> Any:
    expression = _cache.get(regex)
    if expression is None:
        from system_manager.language.regex.expression import Expression  # 10 ms that many programs save

        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        try:
            expression = _cache[regex] = Expression(regex)
        except InvalidRegexError as error:
            raise EvaluationError(f"invalid regular expression '{regex}'", hint=str(error)) from None
        except RegexSpaceError:
            raise EvaluationError(f"memory limit exceeded by regular expression '{regex}'") from None
    return expression
