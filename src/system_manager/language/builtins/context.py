"""Builtins on string contexts that do not need to know what a context means."""

from __future__ import annotations

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.runtime import Lazy, Value, coerce_to_string, force_string, string_context, string_text

TABLE = BuiltinTable()


@TABLE.builtin("hasContext", 1, "Whether the string depends on store objects.")
def has_context(string: Lazy) -> Value:
    return bool(string_context(force_string(string, "while evaluating the argument passed to builtins.hasContext")))


@TABLE.builtin("unsafeDiscardStringContext", 1, "The same string, with its dependencies on store objects "
               "forgotten.")  # fmt: skip
def unsafe_discard_string_context(string: Lazy) -> Value:
    what = "while evaluating the argument passed to builtins.unsafeDiscardStringContext"
    return string_text(coerce_to_string(string, copy_to_store=True, coerce_more=False, what=what))
