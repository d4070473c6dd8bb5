"""``instantiate``: the derivations of a program."""

from __future__ import annotations

import sys

from system_manager.base.type_hints import Sequence
from system_manager.cli.answers import Answers
from system_manager.cli.command_line import verb
from system_manager.cli.evaluation_options import EVALUATION_OPTIONS, EvaluationOptions
from system_manager.cli.program import PROGRAM_OPTIONS, read_program
from system_manager.cli.settings import Settings
from system_manager.evaluation.requests import Request


@verb(
    "Write the derivations of a program.",
    *PROGRAM_OPTIONS,
    EVALUATION_OPTIONS,
)
def command(
    settings: Settings, *, files: Sequence[str], expressions: Sequence[str], options: EvaluationOptions
) -> None:
    """Write the derivations of a program to the store and print their paths, as 'nix-instantiate' does."""
    options.language.apply(settings)
    rows = _find(options.request(read_program(files, expressions)), options, settings)
    if settings.json:
        import json

        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    else:
        for row in rows:
            suffix = "" if row["output"] == "out" else f"!{row['output']}"
            sys.stdout.write(f"{row['derivation']}{suffix}\n")


def _find(request: Request, options: EvaluationOptions, settings: Settings) -> list[dict[str, str]]:
    answers = Answers(settings, options, "instantiate", *request.identity(), write=True)
    known: list[dict[str, str]] | None = answers.current()
    if known is not None:
        return known
    from system_manager.cli.sessions import session_maker
    from system_manager.evaluation.instantiate import FoundDerivation, find_derivations
    from system_manager.evaluation.selection import parse_attribute_path, select_along

    with session_maker(settings, options, write=True)(False, True) as session:

        def collect() -> list[FoundDerivation]:
            arguments = session.automatic_arguments(request.expressions, request.texts)
            value = session.evaluate_source(request.source)
            found: list[FoundDerivation] = []
            for path in request.paths:
                part = select_along(value, parse_attribute_path(path), arguments)
                found.extend(find_derivations(part, arguments))
            return found

        rows = [
            {"derivation": str(each.path), "output": each.output, "attribute": each.attribute_path}
            for each in session.run(collect)
        ]
        answers.keep(rows, session.facts, session.messages)
    return rows
