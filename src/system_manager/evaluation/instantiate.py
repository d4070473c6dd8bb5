"""The derivations in a value, as ``nix-instantiate`` collects them."""

from __future__ import annotations

import re

from system_manager.base.records import record
from system_manager.base.type_hints import Iterator, Mapping
from system_manager.evaluation.selection import call_automatically
from system_manager.language import runtime
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    Value,
    coerce_to_string,
    force,
    force_bool,
    force_plain_string,
    sorted_names,
    string_text,
    type_of,
)
from system_manager.store.errors import InvalidStorePathError
from system_manager.store.paths import StorePath

_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9\-_+]*")


@record(frozen=True)
class FoundDerivation:
    """A derivation in the store and the output that its set stands for; ``str()`` is Nix's way to print it.

    :ivar attribute_path: where it was found, names joined by dots.
    """

    path: StorePath
    output: str
    attribute_path: str

    def __str__(self) -> str:
        return str(self.path) if self.output == "out" else f"{self.path}!{self.output}"


def is_derivation(value: Value) -> bool:
    """Whether a value, of whatever type, is a set that says it is a derivation."""
    return type_of(value) == "set" and runtime.is_derivation(value)


def find_derivations(
    value: Lazy, arguments: Mapping[str, Lazy], attribute_path: tuple[str, ...] = ()
) -> Iterator[FoundDerivation]:
    """The derivations in sets and lists, in the order of names and elements.

    Sets inside the outermost are entered only if they say ``recurseForDerivations = true``. Each set counts once.
    """
    return _collect(value, arguments, attribute_path, set())


def _collect(
    value: Lazy, arguments: Mapping[str, Lazy], path: tuple[str, ...], seen: set[int]
) -> Iterator[FoundDerivation]:
    value = call_automatically(value, arguments)
    if is_derivation(value):
        yield from _once(value, path, seen)
    elif type_of(value) == "set":
        for name in sorted_names(value):
            if _ATTRIBUTE_NAME.fullmatch(name):
                item, place = force(value[name]), (*path, name)
                if is_derivation(item):
                    yield from _once(item, place, seen)
                elif type_of(item) == "set" and _wants_recursion(item):
                    yield from _collect(item, arguments, place, seen)
    elif type_of(value) == "list":
        for index, element in enumerate(value):
            yield from _collect_element(force(element), arguments, (*path, str(index)), seen)
    else:
        raise EvaluationError("expression does not evaluate to a derivation (or a set or list of those)")


def _collect_element(
    item: Value, arguments: Mapping[str, Lazy], path: tuple[str, ...], seen: set[int]
) -> Iterator[FoundDerivation]:
    if is_derivation(item):
        yield from _once(item, path, seen)
    else:
        yield from _collect(item, arguments, path, seen)


def _once(value: Value, path: tuple[str, ...], seen: set[int]) -> Iterator[FoundDerivation]:
    if id(value) not in seen:
        seen.add(id(value))
        yield read_derivation(value, path)


def _wants_recursion(value: dict[str, Lazy]) -> bool:
    what = "while evaluating the attribute `recurseForDerivations`"
    return "recurseForDerivations" in value and force_bool(value["recurseForDerivations"], what)


def read_derivation(value: Value, path: tuple[str, ...] = ()) -> FoundDerivation:
    """What a derivation's set says of itself."""
    what = "while evaluating the 'drvPath' attribute of a derivation"
    if "drvPath" not in value:
        raise EvaluationError("derivation does not contain a 'drvPath' attribute")
    text = string_text(coerce_to_string(value["drvPath"], copy_to_store=False, coerce_more=False, what=what))
    try:
        store_path = StorePath.parse(text)
    except InvalidStorePathError as error:
        raise EvaluationError(error.what, note=what) from None
    output = "out"
    if "outputName" in value:
        what = "while evaluating the output name of a derivation"
        output = force_plain_string(force(value["outputName"]), what)
    return FoundDerivation(store_path, output, ".".join(path))
