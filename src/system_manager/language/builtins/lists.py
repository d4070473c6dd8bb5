"""Builtins on lists."""

from __future__ import annotations

from types import FunctionType

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    Value,
    call,
    defer_each,
    enter_level,
    equal_in_level,
    force,
    force_binary,
    force_bool,
    force_function,
    force_integer,
    force_list,
    force_plain_string,
    force_unary,
    leave_level,
    plain_key,
)

TABLE = BuiltinTable()

# No memory holds a longer list; without the limit the machine would swap before it says so.
_MAX_LENGTH = 2**32


@TABLE.builtin("length", 1, "The number of elements.")
def length(items: Lazy) -> Value:
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the first argument passed to builtins.length")
    return len(items)


@TABLE.builtin("elemAt", 2, "The element at the given index, counted from 0.")
def element_at(items: Lazy, index: Lazy) -> Value:
    if index.__class__ is not int:
        index = force_integer(index, "while evaluating the second argument passed to 'builtins.elemAt'")
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the first argument passed to 'builtins.elemAt'")
    if not 0 <= index < len(items):
        raise EvaluationError(f"'builtins.elemAt' called with index {index} on a list of size {len(items)}")
    item = items[index]
    if item.__class__ is list:
        return item[1] if item[0] is None else item[0](item)
    return item


@TABLE.builtin("head", 1, "The first element; an empty list is an error.")
def head(items: Lazy) -> Value:
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the first argument passed to 'builtins.head'")
    if not items:
        raise EvaluationError("'builtins.head' called on an empty list")
    item = items[0]
    if item.__class__ is list:
        return item[1] if item[0] is None else item[0](item)
    return item


@TABLE.builtin("tail", 1, "The list without its first element; an empty list is an error. The rest is copied, so "
               "walking a list this way takes quadratic time.")  # fmt: skip
def tail(items: Lazy) -> Value:
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the first argument passed to 'builtins.tail'")
    if not items:
        raise EvaluationError("'builtins.tail' called on an empty list")
    return items[1:]


@TABLE.builtin("map", 2, "The list with every element replaced by the result of `f element`, evaluated when it is "
               "needed.")  # fmt: skip
def map_list(function: Lazy, items: Lazy) -> Value:
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the second argument passed to builtins.map")
    if not items:
        return items
    if function.__class__ is not FunctionType:
        function = force_function(function, "while evaluating the first argument passed to builtins.map")
    return defer_each(function, items)


@TABLE.builtin("filter", 2, "The elements for which the function returns `true`.")
def filter_list(predicate: Lazy, items: Lazy) -> Value:
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the second argument passed to builtins.filter")
    if not items:
        return items
    holds = predicate
    if holds.__class__ is not FunctionType:
        holds = force_unary(holds, "while evaluating the first argument passed to builtins.filter")
    what = "while evaluating the return value of the filtering function passed to builtins.filter"
    kept = []
    for item in items:
        held = holds(item)
        if held is True or (held is not False and force_bool(held, what)):
            kept.append(item)
    return items if len(kept) == len(items) else tuple(kept)


@TABLE.builtin("elem", 2, "Whether an element equal to the value is in the list.")
def element(value: Lazy, items: Lazy) -> Value:
    members = force_list(items, "while evaluating the second argument passed to builtins.elem")
    enter_level()
    found = False
    for item in members:
        if equal_in_level(value, item):
            found = True
            break
    leave_level()
    return found


@TABLE.builtin("concatLists", 1, "The lists in a list, joined to one.")
def concatenate_lists(lists: Lazy) -> Value:
    if lists.__class__ is list:
        lists = lists[1] if lists[0] is None else lists[0](lists)
    if lists.__class__ is not tuple:
        lists = force_list(lists, "while evaluating the first argument passed to builtins.concatLists")
    what = "while evaluating a value of the list passed to builtins.concatLists"
    joined: list[Lazy] = []
    for lazy in lists:
        # Run in place: lists of thousands of delayed empty lists are what filters are made of.
        item = lazy
        if item.__class__ is list:
            item = item[1] if item[0] is None else item[0](item)
        if item:
            joined += item if item.__class__ is tuple else force_list(item, what)
        elif item.__class__ is not tuple:
            force_list(item, what)
    return tuple(joined)


@TABLE.builtin("concatMap", 2, "The lists that the function returns for the elements, joined to one.")
def concatenate_map(function: Lazy, items: Lazy) -> Value:
    give = function
    if give.__class__ is not FunctionType:
        give = force_unary(give, "while evaluating the first argument passed to builtins.concatMap")
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the second argument passed to builtins.concatMap")
    what = "while evaluating the return value of the function passed to builtins.concatMap"
    joined: list[Lazy] = []
    for item in items:
        more = give(item)
        joined += more if more.__class__ is tuple else force_list(more, what)
    return tuple(joined)


@TABLE.builtin("foldl'", 3, "Combine the elements from the left: `foldl' f a [ x y ]` is `f (f a x) y`. Each result is "
               "evaluated before the next element is looked at.")  # fmt: skip
def fold_left(function: Lazy, start: Lazy, items: Lazy) -> Value:
    combine = force_binary(function, "while evaluating the first argument passed to builtins.foldlStrict")
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the third argument passed to builtins.foldlStrict")
    accumulator = start
    for item in items:
        accumulator = combine(accumulator, item)
    if accumulator.__class__ is list:
        return accumulator[1] if accumulator[0] is None else accumulator[0](accumulator)
    return accumulator


@TABLE.builtin("any", 2, "Whether the function returns `true` for at least one element. It is not called again after "
               "that.")  # fmt: skip
def any_element(predicate: Lazy, items: Lazy) -> Value:
    holds = predicate
    if holds.__class__ is not FunctionType:
        holds = force_unary(holds, "while evaluating the first argument passed to builtins.any")
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the second argument passed to builtins.any")
    what = "while evaluating the return value of the function passed to builtins.any"
    for item in items:
        held = holds(item)
        if held is True or (held is not False and force_bool(held, what)):
            return True
    return False


@TABLE.builtin("all", 2, "Whether the function returns `true` for every element. It is not called again after "
               "the first `false`.")  # fmt: skip
def all_elements(predicate: Lazy, items: Lazy) -> Value:
    holds = predicate
    if holds.__class__ is not FunctionType:
        holds = force_unary(holds, "while evaluating the first argument passed to builtins.all")
    if items.__class__ is list:
        items = items[1] if items[0] is None else items[0](items)
    if items.__class__ is not tuple:
        items = force_list(items, "while evaluating the second argument passed to builtins.all")
    what = "while evaluating the return value of the function passed to builtins.all"
    for item in items:
        held = holds(item)
        if held is False or (held is not True and not force_bool(held, what)):
            return False
    return True


@TABLE.builtin("genList", 2, "The list of the results of `f 0`, `f 1`, … up to the given length, each evaluated when "
               "it is needed.")  # fmt: skip
def generate_list(function: Lazy, size: Lazy) -> Value:
    size = force_integer(size, "while evaluating the second argument passed to builtins.genList")
    if not 0 <= size <= _MAX_LENGTH:
        raise EvaluationError(f"cannot create list of size {size}")
    function = force_function(function, "while evaluating the first argument passed to builtins.genList")
    return defer_each(function, range(size))


@TABLE.builtin("partition", 2, "The elements for which the function returns `true` as `right`, the others as `wrong`.")
def partition(predicate: Lazy, items: Lazy) -> Value:
    holds = force_unary(predicate, "while evaluating the first argument passed to builtins.partition")
    items = force_list(items, "while evaluating the second argument passed to builtins.partition")
    what = "while evaluating the return value of the partition function passed to builtins.partition"
    right: list[Lazy] = []
    wrong: list[Lazy] = []
    for item in items:
        force(item)
        (right if force_bool(holds(item), what) else wrong).append(item)
    return {"right": tuple(right), "wrong": tuple(wrong)}


@TABLE.builtin("groupBy", 2, "A set of lists: every element is in the list named by what the function returns for it.")
def group_by(function: Lazy, items: Lazy) -> Value:
    function = force_function(function, "while evaluating the first argument passed to builtins.groupBy")
    items = force_list(items, "while evaluating the second argument passed to builtins.groupBy")
    what = "while evaluating the return value of the grouping function passed to builtins.groupBy"
    groups: dict[str, list[Lazy]] = {}
    for item in items:
        groups.setdefault(force_plain_string(call(function, item), what), []).append(item)
    return {plain_key(name): tuple(members) for name, members in groups.items()}
