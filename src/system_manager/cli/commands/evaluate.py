"""``eval``: the value of a program."""

from __future__ import annotations

import os
import sys

from system_manager.base.errors import UsageError
from system_manager.base.type_hints import Any, Iterator, Sequence
from system_manager.cli.command_line import flag, verb
from system_manager.cli.evaluation_options import EVALUATION_OPTIONS, EvaluationOptions
from system_manager.cli.program import PROGRAM_OPTIONS, read_program
from system_manager.cli.settings import Settings
from system_manager.evaluation.requests import Form, Request


@verb(
    "Print the value of a program.",
    *PROGRAM_OPTIONS,
    EVALUATION_OPTIONS,
    flag("--strict", "Evaluate everything inside the value, too."),
    flag("--json", "Print the value as JSON; errors stay as they are.", key="as_json"),
    flag("--raw", "Print a string as it is, without quotes and line end."),
    flag("--xml", "Print the value as XML."),
    flag("--no-location", "Leave places of definitions out of the XML."),
    flag("--read-write-mode", "Write derivations and copied files to the store."),
)
def command(
    settings: Settings,
    *,
    files: Sequence[str],
    expressions: Sequence[str],
    options: EvaluationOptions,
    strict: bool,
    as_json: bool,
    raw: bool,
    xml: bool,
    no_location: bool,
    read_write_mode: bool,
) -> None:
    """Print the value of a program, as 'nix-instantiate --eval' does."""
    # Before the verb, --json asks for JSON of everything. Here it says as in Nix how the value is printed, so that
    # whoever reads errors of Nix reads ours.
    as_xml = Form.XML_WITHOUT_PLACES if no_location else Form.XML
    forms = [form for form, chosen in ((Form.JSON, settings.json or as_json), (as_xml, xml), (Form.RAW, raw)) if chosen]
    if len(forms) > 1:
        raise UsageError("a value is printed in one form", hint="choose one of --json, --xml and --raw")
    options.language.apply(settings)
    request = options.request(read_program(files, expressions))
    form = forms[0] if forms else Form.NIX
    for text in _texts(request, options, settings, form=form, strict=strict, write=read_write_mode):
        sys.stdout.write(text)
    if os.environ.get("NIX_SHOW_STATS", "0") not in ("", "0"):
        _show_statistics()


def _texts(
    request: Request, options: EvaluationOptions, settings: Settings, *, form: Form, strict: bool, write: bool
) -> Iterator[str]:
    if not options.language.switch("eval-cache", True):
        printing = _printing(request, options, settings, form=form, strict=strict, write=write)
        yield from printing.texts(expects_members=request.promises_members())
        return
    from system_manager.cli.answers import Answers

    answers = Answers(settings, options, "eval", form.value, str(strict), *request.identity(), write=write)
    known = answers.current()
    if known is not None:
        yield from known["texts"]
        return
    before = answers.last()
    printing = _printing(request, options, settings, form=form, strict=strict, write=write)
    texts = []
    expects_members = request.promises_members() if before is None else bool(before["has_members"])
    for text in printing.texts(expects_members=expects_members):
        yield text
        texts.append(text)
    answers.keep({"texts": texts, "has_members": printing.has_members}, printing.facts, printing.messages)


def _printing(
    request: Request, options: EvaluationOptions, settings: Settings, *, form: Form, strict: bool, write: bool
) -> Any:
    from system_manager.cli.sessions import session_maker
    from system_manager.evaluation.printing import Printing

    return Printing(request, form, strict=strict, new_session=session_maker(settings, options, write=write))


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
