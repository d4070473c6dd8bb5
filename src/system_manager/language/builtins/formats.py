"""Builtins that write and read JSON, XML and TOML. Each loads its format when it is first called."""

from __future__ import annotations

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import Lazy, Value, force_plain_string, make_string

TABLE = BuiltinTable()


@TABLE.builtin("toJSON", 1, "The value as JSON. Paths are copied to the store, a set with `__toString` or `outPath` "
               "becomes what that gives; a function is an error.")  # fmt: skip
def to_json(value: Lazy) -> Value:
    from system_manager.language.formats.json_writer import write_json

    text, context = write_json(value, strict=True, copy_to_store=True)
    return make_string(text, context)


@TABLE.builtin("fromJSON", 1, "The value of a JSON text.")
def from_json(text: Lazy) -> Value:
    from system_manager.language.formats.json_reader import JsonError, read_json

    text = force_plain_string(text, "while evaluating the first argument passed to builtins.fromJSON")
    try:
        return read_json(text)
    except JsonError as error:
        raise EvaluationError(f"while decoding a JSON string: {error}") from None


@TABLE.builtin("toXML", 1, "The value as XML, for XSLT and the like. Functions appear with the names of their "
               "arguments only.")  # fmt: skip
def to_xml(value: Lazy) -> Value:
    from system_manager.language.formats.xml_writer import write_xml

    text, context = write_xml(value, strict=True, locations=False)
    return make_string(text, context)


@TABLE.builtin("fromTOML", 1, "The value of a TOML 1.0 text. Dates and times are an error.")
def from_toml(text: Lazy) -> Value:
    from system_manager.language.formats.toml_reader import TomlError, read_toml

    text = force_plain_string(text, "while evaluating the argument passed to builtins.fromTOML")
    try:
        return read_toml(text)
    except TomlError as error:
        raise EvaluationError(f"while parsing TOML: {error}") from None
