"""``repl``: an interactive session."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from system_manager.cli.command_line import Argument, Operands, Option, flag, named_file, verb
from system_manager.cli.evaluation_options import EVALUATION_OPTIONS, EvaluationOptions
from system_manager.cli.settings import Settings


@verb(
    "Evaluate what is typed, line by line.",
    Operands("files", "[FILE]...", argument=Argument.FILE),
    Option(
        ("-f", "--file"),
        "more_files",
        "The same as FILE.",
        metavar="FILE",
        default=(),
        many=True,
        convert=named_file,
        argument=Argument.FILE,
    ),
    Option(
        ("-E", "--expr"),
        "expressions",
        "A program to load after the files.",
        metavar="EXPR",
        default=(),
        many=True,
    ),
    EVALUATION_OPTIONS,
    flag("--read-write-mode", "Write to the store, and make it if there is none."),
)
def command(
    settings: Settings,
    *,
    files: tuple[str, ...],
    more_files: tuple[str, ...],
    expressions: tuple[str, ...],
    options: EvaluationOptions,
    read_write_mode: bool,
) -> None:
    """Evaluate expressions of the Nix language as they are typed, as 'nix repl' does.

    Each FILE is loaded first: the attributes of its value become variables. ':?' lists what else can be typed.
    Derivations are written to the store, and can be built, if the store is there and this user may write to it.
    """
    from system_manager.cli.building import realiser
    from system_manager.cli.places import cache_directory, has_database
    from system_manager.cli.progress import observer
    from system_manager.cli.repl.commands import Building
    from system_manager.cli.repl.conversation import Conversation, at_terminal
    from system_manager.cli.repl.inputs import NAME
    from system_manager.cli.repl.lines import ScriptLines
    from system_manager.cli.repl.workspace import LoadedExpression, LoadedFile, Origin, Workspace
    from system_manager.evaluation.session import EvaluationSession
    from system_manager.language.source import Source
    from system_manager.store.store import Store

    options.language.apply(settings)
    directory = os.getcwd()
    origins: list[Origin] = [
        *map(LoadedFile, (*files, *more_files)),
        *(LoadedExpression(Source(text, NAME, directory)) for text in expressions),
    ]
    listening = observer(settings)
    with contextlib.ExitStack() as stack:
        building = store = None
        write = read_write_mode or _may_write(settings)
        if write or has_database(settings):
            store = stack.enter_context(Store.open(Path(settings.store_root), read_only=not write))
            if write:
                building = Building(store, realiser(store, settings, listening))
        session = stack.enter_context(
            EvaluationSession(
                options.settings(write_store=write),
                store=store,
                observer=listening,
                realise=building.realise if building else None,
                code_cache=cache_directory("code"),
                counts_calls=True,
            )
        )
        workspace = Workspace(session, options.attributes, options.expressions, options.texts)
        interactive = sys.stdin.isatty() and sys.stdout.isatty()
        conversation = Conversation(workspace, settings, interactive=interactive, building=building)
        with at_terminal(conversation, settings) if interactive else contextlib.nullcontext(ScriptLines()) as lines:
            conversation.start(origins)
            conversation.converse(lines)


def _may_write(settings: Settings) -> bool:
    """Whether there is a store, and it is this user's to write to."""
    nix = f"{settings.store_root}/nix"
    return all(os.access(path, os.W_OK) for path in (f"{nix}/var/nix/db/db.sqlite", f"{nix}/store"))
