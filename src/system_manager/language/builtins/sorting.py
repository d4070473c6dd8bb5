"""``sort`` and ``genericClosure``: the builtins that order values.

Python's own sort would call the comparison from C, which uses the C stack for every sort inside a comparison. It is
used only where no evaluation can happen; otherwise a sort in Python does the work.
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
        return tuple(peek_sort(values, less_than))
    return tuple(peek_sort(values, binary(comparison)))


def _all_of(values: list[Value], kind: type) -> bool:
    return all(value.__class__ is kind for value in values)


_FEW = 16
"""Up to so many values are sorted by insertion."""


class _Sorter:
    """Sorts values in place, stably, with the comparisons that Nix 2.34 makes, in its order: programs can tell.

    It is the "peeksort" of Munro and Wild (2018): a piece is cut at the run in its middle, so that what is in order
    already is left as it is. ``before`` may be any function, even one that is no order or gives no Boolean.
    """

    def __init__(self, values: list[Value], before: Less) -> None:
        self.values = values
        self._before = before

    def is_before(self, first: int, second: int) -> bool:
        """Whether the value at one index must come before that at another."""
        answer = self._before(self.values[first], self.values[second])
        return answer is True or (answer is not False and force_bool(answer, _WHAT_COMPARES))

    def sort(self, begin: int, end: int, left: int, right: int) -> None:
        """Sort the values from ``begin`` to ``end``, of which those up to ``left`` and from ``right`` on are sorted."""
        if left == end or right == begin:
            return
        if end - begin <= _FEW:
            self._insert(begin, end)
            return
        middle = (begin + end) // 2
        if middle <= left:
            first, last = begin, left
        elif middle >= right:
            first, last = right, end
        else:
            first, last = self._run_around(middle, left, right)
        if first == begin and last == end:
            return
        # At the end of the run that is nearer to the middle; what is the run alone is sorted, and stays.
        if middle - first < last - middle:
            cut = first
            self.sort(begin, cut, left, cut - 1)
            self.sort(cut, end, last, right)
        else:
            cut = last
            self.sort(begin, cut, left, first)
            self.sort(cut, end, cut + 1, right)
        self._merge(begin, cut, end)

    def _run_around(self, middle: int, left: int, right: int) -> tuple[int, int]:
        """Where the run between ``left`` and ``right`` begins and ends that goes across ``middle``; it rises then."""
        falls = self.is_before(middle, middle - 1)
        first = middle - 1
        while first > left and self.is_before(first, first - 1) == falls:
            first -= 1
        last = middle
        while last != right and self.is_before(last, last - 1) == falls:
            last += 1
        if falls:
            self.values[first:last] = self.values[first:last][::-1]
        return first, last

    def _insert(self, begin: int, end: int) -> None:
        values, is_before = self.values, self.is_before
        for current in range(begin + 1, end):
            place = current
            while place > begin and is_before(place, place - 1):
                values[place - 1], values[place] = values[place], values[place - 1]
                place -= 1

    def _merge(self, begin: int, middle: int, end: int) -> None:
        left, right = self.values[begin:middle], self.values[middle:end]
        before = self._before
        merged: list[Value] = []
        i = j = 0
        while i < len(left) and j < len(right):
            answer = before(right[j], left[i])
            if answer is True or (answer is not False and force_bool(answer, _WHAT_COMPARES)):
                merged.append(right[j])
                j += 1
            else:
                merged.append(left[i])
                i += 1
        self.values[begin:end] = merged + left[i:] + right[j:]


def peek_sort(values: list[Value], before: Less) -> list[Value]:
    """The values in the order of ``before``."""
    sorter = _Sorter(values.copy(), before)
    if len(values) > 1:
        sorter.sort(0, len(values), 0, len(values))
    return sorter.values


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
