"""``eval``: the value of a program."""

from __future__ import annotations

import enum
import functools
import os
import sys
from collections.abc import Iterator

from system_manager.base.errors import UsageError
from system_manager.cli.command_line import flag, verb
from system_manager.cli.evaluation_options import EVALUATION_OPTIONS, EvaluationOptions
from system_manager.cli.program import PROGRAM_OPTIONS, read_program
from system_manager.cli.settings import Settings
from system_manager.language.runtime import Lazy
from system_manager.language.source import Source


class _Form(enum.Enum):
    """How a value is printed."""

    NIX = "nix"
    JSON = "json"
    XML = "xml"
    RAW = "raw"


@verb(
    "Print the value of a program.",
    *PROGRAM_OPTIONS,
    EVALUATION_OPTIONS,
    flag("--strict", "Evaluate everything inside the value, too."),
    flag("--json", "Print the value as JSON; errors stay as they are.", key="as_json"),
    flag("--raw", "Print a string as it is, without quotes and line end."),
    flag("--xml", "Print the value as XML."),
    flag("--read-write-mode", "Write derivations and copied files to the store."),
)
def command(
    settings: Settings,
    *,
    file: str | None,
    expression: str | None,
    options: EvaluationOptions,
    strict: bool,
    as_json: bool,
    raw: bool,
    xml: bool,
    read_write_mode: bool,
) -> None:
    """Print the value of a program, as 'nix-instantiate --eval' does."""
    # Before the verb, --json asks for JSON of everything. Here it says as in Nix how the value is printed, so that
    # whoever reads errors of Nix reads ours.
    forms = [
        form for form, chosen in ((_Form.JSON, settings.json or as_json), (_Form.XML, xml), (_Form.RAW, raw)) if chosen
    ]
    if len(forms) > 1:
        raise UsageError("a value is printed in one form", hint="choose one of --json, --xml and --raw")
    source = read_program(file, expression)
    form = forms[0] if forms else _Form.NIX
    for text in _evaluate(source, options, settings, form=form, strict=strict, write=read_write_mode):
        sys.stdout.write(text)


def _evaluate(
    source: Source, options: EvaluationOptions, settings: Settings, *, form: _Form, strict: bool, write: bool
) -> Iterator[str]:
    from system_manager.cli.places import cache_directory
    from system_manager.cli.progress import observer
    from system_manager.evaluation.selection import call_automatically, parse_attribute_path, select_along
    from system_manager.evaluation.session import EvaluationSession
    from system_manager.language.printer import has_members

    listening = observer(settings)
    store = realise = None
    if write or (settings.store_root / "nix/var/nix/db/db.sqlite").exists():
        from system_manager.store.store import Store

        store = Store.open(settings.store_root, read_only=not write)
    if store is not None and write:  # what a program imports can only be built where its derivations are written
        from system_manager.cli.building import realiser

        realise = realiser(store, settings, listening)

    def select(session: EvaluationSession, attribute: str, again: bool) -> str | None:
        arguments = session.automatic_arguments(options.expressions, options.texts)
        value: Lazy = session.evaluate_source(source)
        if attribute:
            value = select_along(value, parse_attribute_path(attribute), arguments)
        if arguments:
            value = call_automatically(value, arguments)
        if not again and not strict and form is not _Form.RAW and has_members(value):
            return None
        return _print(value, form, strict=strict)

    settings_of_evaluation = options.settings(write_store=write)
    with EvaluationSession(
        settings_of_evaluation, store=store, observer=listening, realise=realise, code_cache=cache_directory("code")
    ) as session:
        for attribute in options.attributes or ("",):
            text = session.run(functools.partial(select, session, attribute, False))
            if text is None:
                # What is printed is how far members are evaluated, and fast evaluation takes liberties with that.
                with EvaluationSession(settings_of_evaluation, store=store, realise=realise, delays=True) as exact:
                    text = exact.run(functools.partial(select, exact, attribute, True))
            yield text or ""
    if os.environ.get("NIX_SHOW_STATS", "0") not in ("", "0"):
        _show_statistics()


def _show_statistics() -> None:
    """What this process has used, under Nix's names, where Nix would write it."""
    import json
    import resource
    import time
    from pathlib import Path

    processor_seconds = time.process_time()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    text = json.dumps({"cpuTime": processor_seconds, "time": {"cpu": processor_seconds}, "peakMegabytes": megabytes})
    path = os.environ.get("NIX_SHOW_STATS_PATH")
    if path:
        Path(path).write_text(f"{text}\n")
    else:
        sys.stderr.write(f"{text}\n")


def _print(value: Lazy, form: _Form, *, strict: bool) -> str:
    match form:
        case _Form.NIX:
            from system_manager.language.printer import print_value

            return print_value(value, strict=strict) + "\n"
        case _Form.JSON:
            from system_manager.language.formats.json_writer import write_json

            return write_json(value, strict=strict, copy_to_store=True)[0] + "\n"
        case _Form.XML:
            from system_manager.language.formats.xml_writer import write_xml

            return write_xml(value, strict=strict, locations=True)[0]
        case _Form.RAW:
            from system_manager.language.runtime import coerce_to_string, string_text

            what = "while generating the eval command output"
            return string_text(coerce_to_string(value, copy_to_store=True, coerce_more=False, what=what))
