"""Builtins that take string contexts apart and put them together."""

from __future__ import annotations

from system_manager.base.type_hints import Iterator
from system_manager.evaluation.context import (
    ContextElement,
    DeepDerivation,
    DerivationOutput,
    OpaquePath,
    as_element,
    group_by_path,
)
from system_manager.evaluation.state import EvaluationState
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    Value,
    coerce_to_string,
    force_attributes,
    force_bool,
    force_list,
    force_plain_string,
    force_string,
    make_string,
    string_context,
    string_text,
)
from system_manager.store.errors import InvalidStorePathError
from system_manager.store.paths import StorePath


class ContextBuiltins:
    """``getContext``, ``appendContext`` and their kin."""

    def __init__(self, state: EvaluationState) -> None:
        self._state = state

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield Builtin("getContext", 1, get_context, "The context of a string, as a set keyed by store path.")
        yield Builtin("appendContext", 2, self.append_context, "The string with more context.")
        yield Builtin(
            "addDrvOutputDependencies",
            1,
            add_derivation_output_dependencies,
            "Make the `.drv` file in a string's context stand for everything that it depends on, too.",
        )
        yield Builtin(
            "unsafeDiscardOutputDependency",
            1,
            unsafe_discard_output_dependency,
            "Make `.drv` files in a string's context stand for themselves only.",
        )

    def append_context(self, string: Lazy, added: Lazy) -> Value:
        """Add what a set in the form of ``getContext`` says."""
        base = force_string(string, "while evaluating the first argument passed to builtins.appendContext")
        groups = force_attributes(added, "while evaluating the second argument passed to builtins.appendContext")
        elements: set[object] = set(string_context(base))
        for name, group in groups.items():
            try:
                path = StorePath.parse(name)
            except InvalidStorePathError:
                raise EvaluationError(f"context key '{name}' is not a store path") from None
            if self._state.settings.write_store and not self._state.store.is_valid(path):
                raise EvaluationError(f"path '{path}' is not valid")
            elements |= set(_elements_of(path, group))
        return make_string(string_text(base), frozenset(elements))


def _elements_of(path: StorePath, group: Lazy) -> Iterator[ContextElement]:
    fields = force_attributes(group, "while evaluating the value of a string context")
    if "path" in fields and force_bool(fields["path"], "while evaluating the `path` attribute of a string context"):
        yield OpaquePath(path)
    if "allOutputs" in fields and force_bool(
        fields["allOutputs"], "while evaluating the `allOutputs` attribute of a string context"
    ):
        if not path.is_derivation:
            raise EvaluationError(f"tried to add all-outputs context of {path}, which is not a derivation, to a string")
        yield DeepDerivation(path)
    if "outputs" in fields:
        outputs = force_list(fields["outputs"], "while evaluating the `outputs` attribute of a string context")
        if outputs and not path.is_derivation:
            raise EvaluationError(
                f"tried to add derivation output context of {path}, which is not a derivation, to a string"
            )
        for output in outputs:
            name = force_plain_string(output, "while evaluating an output name within a string context")
            yield DerivationOutput(path, name)


def get_context(string: Lazy) -> Value:
    """``{ "/nix/store/…" = { path = true; allOutputs = true; outputs = [ … ]; }; }``, what is false left out."""
    value = force_string(string, "while evaluating the argument passed to builtins.getContext")
    result: dict[str, Lazy] = {}
    for path, group in group_by_path(string_context(value)).items():
        fields: dict[str, Lazy] = {}
        if group.all_outputs:
            fields["allOutputs"] = True
        if group.outputs:
            fields["outputs"] = tuple(group.outputs)
        if group.path:
            fields["path"] = True
        result[str(path)] = fields
    return result


def add_derivation_output_dependencies(string: Lazy) -> Value:
    """Turn the one ``.drv`` path of the context into a deep one."""
    what = "while evaluating the argument passed to builtins.addDrvOutputDependencies"
    value = coerce_to_string(string, copy_to_store=True, coerce_more=False, what=what)
    text, context = string_text(value), string_context(value)
    if len(context) != 1:
        raise EvaluationError(f"context of string '{text}' must have exactly one element, but has {len(context)}")
    match as_element(next(iter(context))):
        case OpaquePath(path):
            if not path.is_derivation:
                raise EvaluationError(f"path '{path}' is not a derivation")
            return make_string(text, frozenset((DeepDerivation(path),)))
        case DerivationOutput(_, output):
            raise EvaluationError(
                f"`addDrvOutputDependencies` can only act on derivations, not on a derivation output such as '{output}'"
            )
        case DeepDerivation():
            return value


def unsafe_discard_output_dependency(string: Lazy) -> Value:
    """Turn deep derivations of the context into plain paths."""
    what = "while evaluating the argument passed to builtins.unsafeDiscardOutputDependency"
    value = coerce_to_string(string, copy_to_store=True, coerce_more=False, what=what)
    context = [
        OpaquePath(element.derivation) if isinstance(element, DeepDerivation) else element
        for element in string_context(value)
    ]
    return make_string(string_text(value), frozenset(context))
