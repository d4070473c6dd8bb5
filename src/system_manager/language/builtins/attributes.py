"""Builtins on attribute sets."""

from __future__ import annotations

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.describe import quote_attribute_name
from system_manager.language.errors import EvaluationTypeError, MissingAttributeError, suggest_names
from system_manager.language.runtime import (
    Lazy,
    Value,
    attribute_position,
    defer_attributes,
    force,
    force_attributes,
    force_function,
    force_list,
    force_plain_string,
    key_with_place_of,
    own_key,
    sorted_names,
)

TABLE = BuiltinTable()


@TABLE.builtin("attrNames", 1, "The names of the attributes, sorted by their bytes.")
def attribute_names(attributes: Lazy) -> Value:
    return tuple(
        sorted_names(force_attributes(attributes, "while evaluating the argument passed to builtins.attrNames"))
    )


@TABLE.builtin("attrValues", 1, "The values of the attributes, in the order of `attrNames`.")
def attribute_values(attributes: Lazy) -> Value:
    attributes = force_attributes(attributes, "while evaluating the argument passed to builtins.attrValues")
    return tuple([attributes[name] for name in sorted_names(attributes)])


@TABLE.builtin("getAttr", 2, 'The attribute with the given name: `getAttr "a" set` is `set.a`.')
def get_attribute(name: Lazy, attributes: Lazy) -> Value:
    name = force_plain_string(name, "while evaluating the first argument passed to builtins.getAttr")
    attributes = force_attributes(attributes, "while evaluating the second argument passed to builtins.getAttr")
    return force(required_attribute(attributes, name, "in the attribute set under consideration"))


@TABLE.builtin("hasAttr", 2, "Whether the set has an attribute with the given name: the function form of `?`.")
def has_attribute(name: Lazy, attributes: Lazy) -> Value:
    name = force_plain_string(name, "while evaluating the first argument passed to builtins.hasAttr")
    return name in force_attributes(attributes, "while evaluating the second argument passed to builtins.hasAttr")


@TABLE.builtin("unsafeGetAttrPos", 2, "Where the attribute was defined, as `{ column, file, line }`; `null` when the "
               "set lacks it or it did not come from a file. The result is not stable across evaluators.")  # fmt: skip
def unsafe_get_attribute_position(name: Lazy, attributes: Lazy) -> Value:
    name = force_plain_string(name, "while evaluating the first argument passed to builtins.unsafeGetAttrPos")
    attributes = force_attributes(
        attributes, "while evaluating the second argument passed to builtins.unsafeGetAttrPos"
    )
    position = attribute_position(attributes, name)
    if position is None or not position.source.name.startswith("/"):
        return None
    return {"column": position.column, "file": position.source.name, "line": position.line}


@TABLE.builtin("removeAttrs", 2, "The set without the attributes that the list names; names that it does not have are "
               "ignored.")  # fmt: skip
def remove_attributes(attributes: Lazy, names: Lazy) -> Value:
    attributes = force_attributes(attributes, "while evaluating the first argument passed to builtins.removeAttrs")
    names = force_list(names, "while evaluating the second argument passed to builtins.removeAttrs")
    what = "while evaluating the values of the second argument passed to builtins.removeAttrs"
    result = attributes.copy()
    for name in names:
        result.pop(name if name.__class__ is str else force_plain_string(name, what), None)
    return result


@TABLE.builtin("listToAttrs", 1, "A set made of a list of `{ name, value }` pairs. Of pairs with the same name the "
               "first is taken.")  # fmt: skip
def list_to_attributes(pairs: Lazy) -> Value:
    pairs = force_list(pairs, "while evaluating the argument passed to builtins.listToAttrs")
    result: dict[str, Lazy] = {}
    what = "while evaluating an element of the list passed to builtins.listToAttrs"
    where = "in a {name=...; value=...;} pair"
    for item in pairs:
        pair = item
        if pair.__class__ is list:
            pair = pair[1] if pair[0] is None else pair[0](pair)
        if pair.__class__ is not dict:
            force_attributes(pair, what)
        name = pair["name"] if "name" in pair else required_attribute(pair, "name", where)
        if name.__class__ is not str:
            name = _pair_name(pair, force(name))
        if name not in result:
            value = pair["value"] if "value" in pair else required_attribute(pair, "value", where)
            # As in C++ Nix the attribute is defined where the pair's value is.
            result[key_with_place_of(name, own_key(pair, "value"))] = value
    return result


def _pair_name(pair: dict[str, Lazy], name: Value) -> str:
    """The name of a pair; an error is where the pair's attribute is."""
    try:
        return force_plain_string(
            name, "while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs"
        )
    except EvaluationTypeError as error:
        error.position = attribute_position(pair, "name")
        raise


@TABLE.builtin("intersectAttrs", 2, "The attributes of the second set whose names are also in the first.")
def intersect_attributes(left: Lazy, right: Lazy) -> Value:
    left = force_attributes(left, "while evaluating the first argument passed to builtins.intersectAttrs")
    right = force_attributes(right, "while evaluating the second argument passed to builtins.intersectAttrs")
    if len(left) * 4 < len(right):
        keys = [own_key(right, name) for name in left if name in right]
        return {key: right[key] for key in keys}
    return {name: value for name, value in right.items() if name in left}


@TABLE.builtin("catAttrs", 2, "The values of the named attribute in a list of sets; sets without it are left out.")
def collect_attributes(name: Lazy, sets: Lazy) -> Value:
    name = force_plain_string(name, "while evaluating the first argument passed to builtins.catAttrs")
    sets = force_list(sets, "while evaluating the second argument passed to builtins.catAttrs")
    what = "while evaluating an element in the list passed as second argument to builtins.catAttrs"
    result = []
    for item in sets:
        attributes = force_attributes(item, what)
        if name in attributes:
            result.append(attributes[name])
    return tuple(result)


@TABLE.builtin("mapAttrs", 2, "The set with every value replaced by the result of `f name value`, evaluated when it is "
               "needed.")  # fmt: skip
def map_attributes(function: Lazy, attributes: Lazy) -> Value:
    if attributes.__class__ is list:
        attributes = attributes[1] if attributes[0] is None else attributes[0](attributes)
    if attributes.__class__ is not dict:
        attributes = force_attributes(attributes, "while evaluating the second argument passed to builtins.mapAttrs")
    return defer_attributes(function, attributes)


@TABLE.builtin("zipAttrsWith", 2, "Merge a list of sets: each attribute becomes `f name values`, with its values in "
               "all sets that have it, in order.")  # fmt: skip
def zip_attributes_with(function: Lazy, sets: Lazy) -> Value:
    function = force_function(function, "while evaluating the first argument passed to builtins.zipAttrsWith")
    sets = force_list(sets, "while evaluating the second argument passed to builtins.zipAttrsWith")
    what = "while evaluating a value of the list passed as second argument to builtins.zipAttrsWith"
    collected: dict[str, list[Lazy]] = {}
    for lazy in sets:
        item = lazy
        if item.__class__ is list:
            item = item[1] if item[0] is None else item[0](item)
        if item.__class__ is not dict:
            force_attributes(item, what)
        for name, value in item.items():
            values = collected.get(name)
            if values is None:
                collected[name] = [value]
            else:
                values.append(value)
    return defer_attributes(function, {name: tuple(values) for name, values in collected.items()})


def required_attribute(attributes: dict[str, Lazy], name: str, where: str) -> Lazy:
    """The attribute, still lazy. ``where`` tells the error message which set is meant."""
    try:
        return attributes[name]
    except KeyError:
        raise MissingAttributeError(
            f"attribute '{quote_attribute_name(name)}' missing",
            note=where,
            suggestions=suggest_names(name, attributes),
        ) from None
