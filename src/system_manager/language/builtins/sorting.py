"""``sort`` and ``genericClosure``: the builtins that order values.

Python's own sort would call the comparison from C, which uses the C stack for every sort inside a comparison. It is
used only where no evaluation can happen; otherwise a merge sort in Python does the work.
"""

from __future__ import annotations

from system_manager.base.type_hints import Callable
from system_manager.language.builtins.attributes import required_attribute
from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.byte_strings import sort_texts
from system_manager.language.runtime import (
    Lazy,
    Value,
    binary,
    describe_builtin,
    describe_value,
    force,
    force_attributes,
    force_bool,
    force_function,
    force_list,
    less_than,
    type_of,
    unary,
)

TABLE = BuiltinTable()

Less = Callable[[Value, Value], Value]

_WHAT_COMPARES = "while evaluating the return value of the sorting function passed to builtins.sort"


@TABLE.builtin("lessThan", 2, "Whether the first value comes before the second: the function form of `<`. Numbers, "
               "strings, paths and lists of them can be compared.")  # fmt: skip
def less(left: Lazy, right: Lazy) -> Value:
    return less_than(left, right)


@TABLE.builtin("sort", 2, "The list in the order of a comparison, which returns whether its first argument must come "
               "before its second. Elements that are equal in that order keep their places.")  # fmt: skip
def sort(comparison: Lazy, items: Lazy) -> Value:
    items = force_list(items, "while evaluating the second argument passed to builtins.sort")
    if not items:
        return items
    comparison = force_function(comparison, "while evaluating the first argument passed to builtins.sort")
    values = [force(item) if item.__class__ is list else item for item in items]
    builtin = describe_builtin(comparison)
    if builtin is not None and builtin[0].name == "lessThan" and not builtin[1]:
        if _all_of(values, int):
            return tuple(sorted(values))
        if _all_of(values, str):
            return tuple(sort_texts(values))
        return tuple(merge_sort(values, less_than))
    return tuple(merge_sort(values, binary(comparison)))


def _all_of(values: list[Value], kind: type) -> bool:
    return all(value.__class__ is kind for value in values)


def merge_sort(values: list[Value], before: Less) -> list[Value]:
    """A stable natural merge sort; ``before`` may be any function, even one that is no order or gives no Boolean."""
    runs = _runs(values, before)
    while len(runs) > 1:
        merged = [_merge(runs[index], runs[index + 1], before) for index in range(0, len(runs) - 1, 2)]
        if len(runs) % 2:
            merged.append(runs[-1])
        runs = merged
    return runs[0] if runs else []


def _runs(values: list[Value], before: Less) -> list[list[Value]]:
    """The values cut into pieces that are in order already; pieces in strictly falling order are turned round."""
    runs = []
    start, count = 0, len(values)
    while start < count:
        end = start + 1
        if end < count:
            falling = force_bool(before(values[end], values[start]), _WHAT_COMPARES)
            end += 1
            while end < count and force_bool(before(values[end], values[end - 1]), _WHAT_COMPARES) == falling:
                end += 1
            run = values[start:end]
            if falling:
                run.reverse()
        else:
            run = values[start:end]
        runs.append(run)
        start = end
    return runs


def _merge(left: list[Value], right: list[Value], before: Less) -> list[Value]:
    if not force_bool(before(right[0], left[-1]), _WHAT_COMPARES):
        return left + right
    merged: list[Value] = []
    take = merged.append
    i = j = 0
    last_left, last_right = len(left), len(right)
    one, other = left[0], right[0]
    while True:
        comes_first = before(other, one)
        if comes_first is True or (comes_first is not False and force_bool(comes_first, _WHAT_COMPARES)):
            take(other)
            j += 1
            if j == last_right:
                return merged + left[i:]
            other = right[j]
        else:
            take(one)
            i += 1
            if i == last_left:
                return merged + right[j:]
            one = left[i]


@TABLE.builtin("genericClosure", 1, "The closure of the sets in `startSet` under `operator`, which returns a list of "
               "further sets for one of them. Sets with the same `key` are taken once, in the order in which they "
               "are found.")  # fmt: skip
def generic_closure(attributes: Lazy) -> Value:
    attributes = force_attributes(attributes, "while evaluating the first argument passed to builtins.genericClosure")
    where = "in the attrset passed as argument to builtins.genericClosure"
    what = "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure"
    start = force_list(required_attribute(attributes, "startSet", where), what)
    if not start:
        return start
    what = "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure"
    operator = force_function(required_attribute(attributes, "operator", where), what)
    what = "while evaluating the return value of the `operator` passed to builtins.genericClosure"
    result: list[Lazy] = []
    keys = _Keys()
    operate = unary(operator)
    work: list[Lazy] = list(start)
    for item in work:  # grows while it is walked
        element = force_attributes(item, "while evaluating an element of a genericClosure")
        if "key" not in element:
            required_attribute(element, "key", f"in genericClosure element {describe_value(element)}")
        key = element["key"]
        if key.__class__ is list:
            key = force(key)
        if key.__class__ is keys.plain:
            if key in keys.hashed:
                continue
            keys.hashed.add(key)
        elif not keys.add(key):
            continue
        result.append(item)
        found = force_list(operate(item), what)
        for other in found:
            if other.__class__ is list:
                force(other)
        work += found
    return tuple(result)


class _Keys:
    """The keys seen so far. Numbers and strings are hashed; others are kept in order and searched.

    A key of the class ``plain`` needs nothing but to be looked up in ``hashed``.
    """

    _HASHABLE = frozenset({"int", "float", "string", "path"})

    def __init__(self) -> None:
        self.hashed: set[Value] = set()
        self.plain: type | None = None
        self._sorted: list[Value] = []
        self._some: list[Value] = []
        self._kind = ""

    def add(self, key: Value) -> bool:
        """Whether the key is new. Keys that cannot be compared with each other are an error."""
        kind = type_of(key)
        if not self._some:
            self._some.append(key)
            self._kind = kind
            self.plain = key.__class__ if key.__class__ is int or key.__class__ is str else None
        elif kind != self._kind or kind not in self._HASHABLE:
            less_than(key, self._some[0])
        if kind not in self._HASHABLE:
            return self._insert(key)
        size = len(self.hashed)
        self.hashed.add(key)
        return len(self.hashed) > size

    def _insert(self, key: Value) -> bool:
        low, high = 0, len(self._sorted)
        while low < high:
            middle = (low + high) // 2
            if less_than(self._sorted[middle], key):
                low = middle + 1
            else:
                high = middle
        if low < len(self._sorted) and not less_than(key, self._sorted[low]):
            return False
        self._sorted.insert(low, key)
        return True
