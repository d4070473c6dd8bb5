"""``parse``: the syntax tree of a program."""

from __future__ import annotations

import sys

from system_manager.base.type_hints import Sequence
from system_manager.cli.command_line import verb
from system_manager.cli.places import home_directory
from system_manager.cli.program import PROGRAM_OPTIONS, read_program
from system_manager.cli.settings import Settings


@verb(
    "Print the syntax tree of a program.",
    *PROGRAM_OPTIONS,
)
def command(settings: Settings, *, files: Sequence[str], expressions: Sequence[str]) -> None:
    """Print the syntax tree of a program, as 'nix-instantiate --parse' does."""
    from system_manager.evaluation.session import EvaluationSession
    from system_manager.evaluation.settings import EvaluationSettings
    from system_manager.language.parser import parse
    from system_manager.language.scope import resolve
    from system_manager.language.syntax import Expression
    from system_manager.language.syntax_printer import print_syntax

    source = read_program(files, expressions)
    with EvaluationSession(EvaluationSettings()) as session:
        names = session.evaluator.names

        def parse_completely() -> Expression:
            tree = parse(source)
            # As in Nix, a name that is not defined is a mistake even where nothing is evaluated.
            resolve(tree, source, global_names=names.global_names, builtin_names=frozenset(names.arities))
            return tree

        tree = session.run(parse_completely)
    text = print_syntax(tree, directory=source.directory, home=home_directory())
    if settings.json:
        import json

        text = json.dumps({"tree": text})
    sys.stdout.write(f"{text}\n")
