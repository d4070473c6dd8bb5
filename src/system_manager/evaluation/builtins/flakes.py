"""``getFlake``, ``parseFlakeRef`` and ``flakeRefToString``: Nix has them, too, where flakes are switched off."""

from __future__ import annotations

from system_manager.base.type_hints import Iterator
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import Lazy, Value, force_attributes, force_plain_string


def flake_builtins() -> Iterator[Builtin]:
    """The records for the evaluator."""
    yield Builtin("getFlake", 1, get_flake, "Not supported: needs flakes.")
    yield Builtin("parseFlakeRef", 1, parse_flake_reference, "Not supported: needs flakes.")
    yield Builtin("flakeRefToString", 1, show_flake_reference, "Not supported: needs flakes.")


def get_flake(reference: Lazy) -> Value:
    """Refused in Nix's words, once the argument is what it should be."""
    force_plain_string(reference, "while evaluating the argument passed to builtins.getFlake")
    raise _refusal()


def parse_flake_reference(reference: Lazy) -> Value:
    """As :func:`get_flake`."""
    force_plain_string(reference, "while evaluating the argument passed to builtins.parseFlakeRef")
    raise _refusal()


def show_flake_reference(attributes: Lazy) -> Value:
    """As :func:`get_flake`."""
    force_attributes(attributes, "while evaluating the argument passed to builtins.flakeRefToString")
    raise _refusal()


def _refusal() -> EvaluationError:
    return EvaluationError(
        "experimental Nix feature 'flakes' is disabled",
        hint="import the file, or fetch it with fetchGit or fetchTarball",
    )
