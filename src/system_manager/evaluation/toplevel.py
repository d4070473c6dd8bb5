"""Asking the library for a configuration's toplevel."""

from __future__ import annotations

from pathlib import Path

from system_manager.base.records import record
from system_manager.evaluation.distribution import distribution_value
from system_manager.evaluation.instantiate import is_derivation, read_derivation
from system_manager.evaluation.package_index import Distribution
from system_manager.evaluation.selection import parse_attribute_path, select_along
from system_manager.evaluation.session import EvaluationSession
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    NixPath,
    Value,
    apply,
    coerce_to_string,
    force_attributes,
    force_bool,
    force_list,
    select,
    string_text,
)
from system_manager.store.paths import StorePath

LIBRARY = Path(__file__).parents[1] / "library"


class FailedAssertionsError(EvaluationError):
    """Conditions that the configuration sets for itself do not hold. ``messages`` has one for each."""

    def __init__(self, messages: list[str]) -> None:
        listed = "\n".join(f"- {message}" for message in messages)
        super().__init__(f"the configuration contradicts itself:\n{listed}")
        self.messages = tuple(messages)


@record(frozen=True)
class Toplevel:
    """A toplevel's derivation, where its output will be, and the configuration's warnings."""

    derivation: StorePath
    output: StorePath
    warnings: tuple[str, ...]


def find_toplevel(session: EvaluationSession, file: str, attribute: str | None, distribution: Distribution) -> Toplevel:
    """Evaluate the configuration in a file; to be called inside :meth:`EvaluationSession.run`.

    What is at ``attribute`` may be a module, or a toplevel that ``makeSystemConfig`` made.
    """
    session.check(file)
    session.allow(str(LIBRARY))
    configuration: Lazy = NixPath(file)
    if attribute is not None:
        configuration = select_along(session.evaluate_file(file), parse_attribute_path(attribute), {})
        if is_derivation(configuration):
            return _read_toplevel(configuration, force_attributes(configuration.get("config", {})))
    library = session.evaluate_file(str(LIBRARY))
    value = distribution_value(distribution, session.settings.system, session.facts)
    result = apply(library, {"distribution": value, "configuration": configuration})
    return _read_toplevel(result, force_attributes(select(result, "config")), "toplevel")


def _read_toplevel(value: Value, config: dict[str, Lazy], part: str | None = None) -> Toplevel:
    # The conditions first: what they guard against may make the rest fail in less clear words.
    warnings = _check(config)
    toplevel = value if part is None else select(value, part)
    if not is_derivation(toplevel):
        raise EvaluationError("the configuration's toplevel is not a derivation")
    output = string_text(coerce_to_string(toplevel, copy_to_store=False, coerce_more=False))
    return Toplevel(read_derivation(toplevel).path, StorePath.parse(output), tuple(warnings))


def _check(config: dict[str, Lazy]) -> list[str]:
    """The configuration's warnings, once all its assertions hold."""
    failed = []
    for assertion in force_list(config.get("assertions", ()), "while evaluating the option `assertions`"):
        fields = force_attributes(assertion, "while evaluating one of the `assertions`")
        if not force_bool(select(fields, "assertion"), "while evaluating an assertion of the configuration"):
            failed.append(_text(select(fields, "message"), "while evaluating the message of a failed assertion"))
    if failed:
        raise FailedAssertionsError(failed)
    warnings = force_list(config.get("warnings", ()), "while evaluating the option `warnings`")
    return [_text(warning, "while evaluating one of the `warnings`") for warning in warnings]


def _text(value: Lazy, what: str) -> str:
    return string_text(coerce_to_string(value, copy_to_store=False, coerce_more=False, what=what))
