"""``instantiate``: the derivations of a program."""

from __future__ import annotations

import sys

from system_manager.cli.command_line import verb
from system_manager.cli.evaluation_options import EVALUATION_OPTIONS, EvaluationOptions
from system_manager.cli.program import PROGRAM_OPTIONS, read_program
from system_manager.cli.settings import Settings


@verb(
    "Write the derivations of a program.",
    *PROGRAM_OPTIONS,
    EVALUATION_OPTIONS,
)
def command(settings: Settings, *, file: str | None, expression: str | None, options: EvaluationOptions) -> None:
    """Write the derivations of a program to the store and print their paths, as 'nix-instantiate' does."""
    from system_manager.cli.building import realiser
    from system_manager.cli.places import cache_directory
    from system_manager.cli.progress import observer
    from system_manager.evaluation.instantiate import FoundDerivation, find_derivations
    from system_manager.evaluation.selection import parse_attribute_path, select_along
    from system_manager.evaluation.session import EvaluationSession
    from system_manager.store.store import Store

    source = read_program(file, expression)
    listening = observer(settings)
    with (
        Store.open(settings.store_root) as store,
        EvaluationSession(
            options.settings(write_store=True),
            store=store,
            observer=listening,
            realise=realiser(store, settings, listening),
            code_cache=cache_directory("code"),
        ) as session,
    ):

        def collect() -> list[FoundDerivation]:
            arguments = session.automatic_arguments(options.expressions, options.texts)
            value = session.evaluate_source(source)
            found: list[FoundDerivation] = []
            for attribute in options.attributes or ("",):
                part = select_along(value, parse_attribute_path(attribute), arguments)
                found.extend(find_derivations(part, arguments))
            return found

        found = session.run(collect)
    if settings.json:
        import json

        rows = [
            {"derivation": str(each.path), "output": each.output, "attribute": each.attribute_path} for each in found
        ]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{each}\n" for each in found)
