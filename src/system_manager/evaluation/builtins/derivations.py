"""``derivationStrict``: from an attribute set to a ``.drv`` file in the store.

The file's text is a function of the attributes alone, byte for byte the one that Nix writes; Nix manual, "Derivations"
and "Advanced attributes". The lazy wrapper ``derivation`` around it is ``derivation.nix``.
"""

from __future__ import annotations

from system_manager.base.events import Warned
from system_manager.base.records import field, record
from system_manager.base.type_hints import Iterator
from system_manager.evaluation.context import DeepDerivation, DerivationOutput, OpaquePath
from system_manager.evaluation.hashes import parse_expected_hash
from system_manager.evaluation.notes import add_error_context
from system_manager.evaluation.state import EvaluationState
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    Value,
    attribute_position,
    coerce_for_builder,
    force,
    force_attributes,
    force_bool,
    force_list,
    force_plain_string,
    force_string,
    make_string,
    select,
    sorted_names,
    type_name,
    type_of,
)
from system_manager.store.addressing import ContentAddress, IngestionMethod, make_placeholder
from system_manager.store.derivation import STRUCTURED_ATTRIBUTES, Derivation, Output
from system_manager.store.errors import InvalidHashError, InvalidStorePathError, StoreError
from system_manager.store.hashing import HashAlgorithm
from system_manager.store.paths import DERIVATION_EXTENSION, StorePath, check_name

_OUTPUT_CHECKS = frozenset(
    {
        "allowedReferences",
        "allowedRequisites",
        "disallowedReferences",
        "disallowedRequisites",
        "maxSize",
        "maxClosureSize",
    }
)
_SPECIAL = frozenset(
    (
        *("__contentAddressed", "__impure", "args", "builder", "outputHash", "outputHashAlgo", "outputHashMode"),
        *("outputs", "system", STRUCTURED_ATTRIBUTES),
    )
)
"""Attributes that are more than a variable of the builder's environment."""

_NEXT_LINE = "\n         "  # of a note, below its own text in the rendered trace

_HASH_MODES = {
    "recursive": IngestionMethod.RECURSIVE,
    "nar": IngestionMethod.RECURSIVE,
    "flat": IngestionMethod.FLAT,
}
_EXPERIMENTAL_MODES = {"text": "dynamic-derivations", "git": "git-hashing"}


@record()
class _Draft:
    """A derivation while its attributes are read, in the order of their names."""

    name: str
    attributes: dict[str, Lazy]
    ignore_nulls: bool
    structured: list[str] | None  # `"name":value` in JSON, if attributes go there instead of into the environment
    environment: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    context: set[object] = field(default_factory=set)
    builder: str = ""
    platform: str = ""
    outputs: list[str] = field(default_factory=lambda: ["out"])
    output_hash: str | None = None
    output_algorithm: HashAlgorithm | None = None
    output_method: IngestionMethod = IngestionMethod.FLAT


class DerivationBuiltins:
    """``derivationStrict`` and ``placeholder``."""

    def __init__(self, state: EvaluationState) -> None:
        self._state = state

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield Builtin("derivationStrict", 1, self.derivation_strict, "Make a derivation; its `drvPath` and outputs.")
        yield Builtin("placeholder", 1, placeholder, "What stands for the path of an output until it is known.")

    def derivation_strict(self, arguments: Lazy) -> Value:
        """``{ drvPath, <output> … }``, strings whose contexts stand for the derivation."""
        attributes = force_attributes(arguments, "while evaluating the argument passed to builtins.derivationStrict")
        name = add_error_context(_describe_name, _force_name, attributes, "name")
        return add_error_context(_describe_place, self._make, name, attributes)

    def _make(self, name: str, attributes: dict[str, Lazy]) -> Value:
        _check_derivation_name(name)
        ignore_nulls = _flag(attributes, "__ignoreNulls")
        draft = _Draft(name, attributes, ignore_nulls, [] if _flag(attributes, "__structuredAttrs") else None)
        for key in sorted_names(attributes):
            if key != "__ignoreNulls":
                add_error_context(_describe_attribute, self._read_attribute, draft, key)
        if draft.structured is not None:
            draft.environment[STRUCTURED_ATTRIBUTES] = "{" + ",".join(draft.structured) + "}"
        try:
            path, derivation = self._state.store.add_derivation(self._finish(draft))
        except StoreError as error:
            raise EvaluationError(error.what, hint=error.hint) from error
        result: dict[str, Lazy] = {
            "drvPath": make_string(str(path), frozenset((DeepDerivation(path),))),
        }
        for output, produced in derivation.outputs.items():
            result[output] = make_string(str(produced.path), frozenset((DerivationOutput(path, output),)))
        return result

    def _read_attribute(self, draft: _Draft, key: str) -> None:
        value = draft.attributes[key]
        if draft.ignore_nulls and force(value) is None:
            return
        if key not in _SPECIAL and draft.structured is None:
            draft.environment[key] = coerce_for_builder(value, draft.context)
        elif key == "__contentAddressed":
            _refuse_if_set(value, "content-addressed derivations", "ca-derivations")
        elif key == "__impure":
            _refuse_if_set(value, "impure derivations", "impure-derivations")
        elif key == "args":
            what = "while evaluating an element of the argument list"
            for element in force_list(value):
                draft.arguments.append(coerce_for_builder(element, draft.context, what))
        elif draft.structured is not None:
            self._read_structured(draft, draft.structured, key, value)
        else:
            text = coerce_for_builder(value, draft.context)
            if key == STRUCTURED_ATTRIBUTES:
                self._warn(
                    f"In derivation '{draft.name}': setting structured attributes via '__json' is deprecated, and may "
                    "be disallowed in future versions of Nix. Set '__structuredAttrs = true' instead.",
                )
                text = _normal_json(text)
            draft.environment[key] = text
            _read_special(draft, key, text)

    def _read_structured(self, draft: _Draft, members: list[str], key: str, value: Lazy) -> None:
        if key == "__structuredAttrs":
            return
        from system_manager.language.formats.json_writer import json_string, write_json  # noqa: PLC0415 -- rarely used

        text, context = write_json(value, strict=True, copy_to_store=True)
        draft.context |= context
        members.append(f"{json_string(key)}:{text}")
        if key == "builder":
            draft.builder = coerce_for_builder(force_string(value), draft.context)
        elif key == "outputs":
            _set_outputs(draft, [force_plain_string(element) for element in force_list(value)])
        elif key in {"system", "outputHash", "outputHashAlgo", "outputHashMode"}:
            _read_special(draft, key, force_plain_string(value))
        elif key in _OUTPUT_CHECKS:
            self._warn(
                f"In a derivation named '{draft.name}', 'structuredAttrs' disables the effect of the derivation "
                f"attribute '{key}'; "
                f"use 'outputChecks.<output>.{key}' instead",
            )

    def _warn(self, text: str) -> None:
        self._state.say(Warned(text))

    def _finish(self, draft: _Draft) -> Derivation:
        if not draft.builder:
            raise EvaluationError("required attribute 'builder' missing")
        if not draft.platform:
            raise EvaluationError("required attribute 'system' missing")
        if draft.name.endswith(DERIVATION_EXTENSION):
            raise EvaluationError(
                "derivation names are allowed to end in '.drv' only if they produce a single derivation file"
            )
        derivations, sources = self._inputs(draft.context)
        return Derivation(
            name=draft.name,
            outputs=self._outputs(draft),
            platform=draft.platform,
            builder=draft.builder,
            arguments=draft.arguments,
            environment=draft.environment,
            input_derivations=derivations,
            input_sources=frozenset(sources),
        )

    def _outputs(self, draft: _Draft) -> dict[str, Output]:
        if draft.output_hash is None:
            return {output: Output() for output in draft.outputs}
        if draft.outputs != ["out"]:
            raise EvaluationError("multiple outputs are not supported in fixed-output derivations")
        content_hash, warning = parse_expected_hash(draft.output_hash, draft.output_algorithm)
        if warning:
            self._state.say(Warned(warning))
        return {"out": Output(content=ContentAddress(draft.output_method, content_hash))}

    def _inputs(self, context: set[object]) -> tuple[dict[StorePath, frozenset[str]], set[StorePath]]:
        """What the derivation depends on: outputs of derivations, and paths that exist already."""
        derivations: dict[StorePath, frozenset[str]] = {}
        sources: set[StorePath] = set()
        for element in context:
            if isinstance(element, DerivationOutput):
                wanted = frozenset((element.output,))
                path = element.derivation
                derivations[path] = derivations[path] | wanted if path in derivations else wanted
            elif isinstance(element, OpaquePath):
                sources.add(element.path)
            elif isinstance(element, DeepDerivation):
                for member in self._state.store.closure(element.derivation):
                    sources.add(member)
                    if member.is_derivation:
                        derivations[member] = frozenset(self._state.store.read_derivation(member).outputs)
        return derivations, sources


def _force_name(attributes: dict[str, Lazy], key: str) -> str:
    what = "while evaluating the `name` attribute passed to builtins.derivationStrict"
    return force_plain_string(select(attributes, key), what)


def _describe_name(_attributes: dict[str, Lazy], key: str) -> str:
    return f"while evaluating the derivation attribute '{key}'"


def _describe_attribute(draft: _Draft, key: str) -> str:
    place = attribute_position(draft.attributes, key)
    located = f"{_NEXT_LINE}which is defined at {place}" if place else ""
    return f"while evaluating attribute '{key}' of derivation '{draft.name}'{located}"


def _describe_place(name: str, attributes: dict[str, Lazy]) -> str:
    place = attribute_position(attributes, "name")
    located = f"{_NEXT_LINE}whose name attribute is located at {place}" if place else ""
    return f"while evaluating derivation '{name}'{located}"


def _check_derivation_name(name: str) -> None:
    try:
        check_name(name)
    except InvalidStorePathError as error:
        raise EvaluationError(
            f"invalid derivation name: {error.what}. Please pass a different 'name'.", hint=error.hint
        ) from None


def _flag(attributes: dict[str, Lazy], name: str) -> bool:
    what = f"while evaluating the `{name}` attribute passed to builtins.derivationStrict"
    return name in attributes and force_bool(attributes[name], what)


def _refuse_if_set(value: Lazy, kind: str, feature: str) -> None:
    if force_bool(value):
        raise EvaluationError(f"{kind} are Nix's experimental feature '{feature}', which is not supported")


def _normal_json(text: str) -> str:
    """What ``__json`` says, as Nix 2.34 writes it: names in order, and nothing that could be written otherwise."""
    from system_manager.language.formats.json_reader import JsonError, read_json  # noqa: PLC0415 -- rarely used
    from system_manager.language.formats.json_writer import write_json  # noqa: PLC0415 -- as above

    try:
        value = read_json(text)
    except JsonError as error:
        raise EvaluationError(f"cannot process __json attribute: {error}") from None
    if type_of(value) != "set":
        raise EvaluationError(f"cannot process __json attribute: expected a set but found {type_name(value)}")
    return write_json(value, strict=True, copy_to_store=False)[0]


def _read_special(draft: _Draft, key: str, text: str) -> None:
    """The attributes that say something about the derivation itself."""
    match key:
        case "builder":
            draft.builder = text
        case "system":
            draft.platform = text
        case "outputs":
            _set_outputs(draft, text.split())
        case "outputHash":
            draft.output_hash = text
        case "outputHashAlgo":
            try:
                draft.output_algorithm = HashAlgorithm.parse(text)
            except InvalidHashError:
                draft.output_algorithm = None  # the hash may name its own; Nix complains only if it does not
        case "outputHashMode":
            if text in _EXPERIMENTAL_MODES:
                raise EvaluationError(
                    f"the 'outputHashMode' \"{text}\" is Nix's experimental feature "
                    f"'{_EXPERIMENTAL_MODES[text]}', which is not supported"
                )
            if text not in _HASH_MODES:
                raise EvaluationError(f"invalid value '{text}' for 'outputHashMode' attribute")
            draft.output_method = _HASH_MODES[text]


def _set_outputs(draft: _Draft, outputs: list[str]) -> None:
    for index, output in enumerate(outputs):
        if output in outputs[:index]:
            raise EvaluationError(f"duplicate derivation output '{output}'")
        if output == "drvPath":
            raise EvaluationError("invalid derivation output name 'drvPath'")
    if not outputs:
        raise EvaluationError("derivation cannot have an empty set of outputs")
    draft.outputs = outputs


def placeholder(output: Lazy) -> Value:
    """A text that the builder finds replaced by the output's path."""
    return make_placeholder(
        force_plain_string(output, "while evaluating the first argument passed to builtins.placeholder")
    )
