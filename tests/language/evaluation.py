"""Evaluating small pure programs in tests."""

from __future__ import annotations

from pathlib import Path

from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.effects import NoEffects
from system_manager.language.evaluator import Evaluator
from system_manager.language.printer import print_value
from system_manager.language.source import Source


def make_evaluator(code_cache: Path | None = None, *, max_call_depth: int = 10_000) -> Evaluator:
    """An evaluator with the pure built-ins."""
    return Evaluator(builtins=PURE_BUILTINS, effects=NoEffects(), code_cache=code_cache, max_call_depth=max_call_depth)


def string_source(text: str) -> Source:
    """A program that was given on the command line."""
    return Source(text, "«string»", "/")


def evaluate(text: str, evaluator: Evaluator | None = None) -> str:
    """The program's value, evaluated deeply and printed."""
    one = evaluator or make_evaluator()
    return one.run(lambda: print_value(one.evaluate(string_source(text)), strict=True))
