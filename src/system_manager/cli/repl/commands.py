"""What can be asked of a session besides values: the commands that start with a colon."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.files import link_atomically
from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Protocol
from system_manager.cli.repl.inputs import NAME, expression
from system_manager.cli.repl.workspace import LoadedFile, Origin, Workspace
from system_manager.cli.settings import Settings
from system_manager.evaluation.instantiate import is_derivation, read_derivation
from system_manager.evaluation.settings import Realise
from system_manager.language.errors import EvaluationError, suggest_names
from system_manager.language.runtime import (
    Lazy,
    Value,
    coerce_to_string,
    describe_lambda,
    force_attributes,
    is_function,
    string_text,
    type_name,
    type_of,
)
from system_manager.language.source import Source
from system_manager.store.paths import StorePath
from system_manager.store.store import Store

_SELECTION = re.compile(r"(.+)\.([A-Za-z_][\w'-]*)", re.DOTALL)
_TAKE_LINE_NUMBERS = frozenset({"emacs", "emacsclient", "kak", "micro", "nano", "nvim", "vi", "vim"})
_FULL_WIDTH = 29


class CommandError(SystemManagerError):
    """A command cannot be carried out."""


@record(frozen=True)
class Building:
    """A store that may be written, and what builds into it."""

    store: Store
    realise: Realise


class Voice(Protocol):
    """How commands answer."""

    def say(self, text: str) -> None: ...

    def show(self, source: Source, *, depth: int | None, plain_strings: bool) -> None: ...

    def announce(self, names: tuple[str, ...]) -> None: ...

    def load(self, origin: Origin) -> None: ...

    def reload(self) -> None: ...


@record(frozen=True)
class Tools:
    """What commands work with."""

    workspace: Workspace
    settings: Settings
    building: Building | None
    voice: Voice

    def source(self, argument: str) -> Source:
        """The program that a command was given."""
        if not argument:
            raise CommandError("this command needs an expression", hint=":? lists the commands")
        return expression(argument, self.workspace.directory)


@record(frozen=True)
class ReplCommand:
    """One command.

    :ivar names: the usual one first, all with their colon.
    :ivar argument: what follows it, for the help.
    """

    names: tuple[str, ...]
    argument: str
    help: str
    action: Callable[[Tools, str], None]


def find_command(name: str) -> ReplCommand:
    """The command of this name. Raises :class:`CommandError`."""
    for command in COMMANDS:
        if name in command.names:
            return command
    refusal = _REFUSED.get(name)
    if refusal is not None:
        raise CommandError(f"'{name}' is not available", hint=refusal)
    close = suggest_names(name, [each for command in COMMANDS for each in command.names if len(each) > 3], distance=2)
    raise CommandError(f"unknown command '{name}'", hint=f"did you mean {close[0]}?" if close else ":? lists them")


def _help(tools: Tools, _argument: str) -> None:
    rows = [("EXPR", "print the value of an expression, one level deep"), ("NAME = EXPR", "define a variable")]
    rows += [(f"{', '.join(each.names)} {each.argument}".rstrip(), each.help) for each in COMMANDS]
    tools.voice.say("\n".join(f"  {left:<{_FULL_WIDTH}} {right}" for left, right in rows))


def _add(tools: Tools, argument: str) -> None:
    source, workspace = tools.source(argument), tools.workspace
    tools.voice.announce(workspace.run(lambda: workspace.add(workspace.evaluate(source))))


def _load(tools: Tools, argument: str) -> None:
    tools.workspace.session.forget_files()
    tools.voice.load(LoadedFile(argument))


def _reload(tools: Tools, _argument: str) -> None:
    tools.voice.reload()


def _last_loaded(tools: Tools, _argument: str) -> None:
    if tools.workspace.last_added is None:
        raise CommandError("nothing has been loaded yet", hint=":load FILE loads a file")
    for name in tools.workspace.last_added:
        tools.voice.say(name)


def _environment(tools: Tools, _argument: str) -> None:
    for name in sorted(tools.workspace.variables):
        tools.voice.say(name)


def _type(tools: Tools, argument: str) -> None:
    source, workspace = tools.source(argument), tools.workspace
    tools.voice.say(workspace.run(lambda: type_name(workspace.evaluate(source))))


def _print(tools: Tools, argument: str) -> None:
    tools.voice.show(tools.source(argument), depth=None, plain_strings=True)


def _document(tools: Tools, argument: str) -> None:
    from system_manager.cli.repl.documentation import describe, place_of

    source, workspace = tools.source(argument), tools.workspace
    selection = _SELECTION.fullmatch(argument)

    def documentation() -> str:
        value = workspace.evaluate(source)
        attribute = None
        if selection is not None:
            try:
                subject = force_attributes(workspace.evaluate(Source(selection[1], NAME, workspace.directory)))
                attribute = selection[2], place_of(subject, selection[2])
            except EvaluationError:
                pass  # the dot was no selection: [ 1.5 a.b ]
        return describe(value, workspace.session.builtins, attribute)

    tools.voice.say(workspace.run(documentation).strip())


def _build(tools: Tools, argument: str) -> None:
    _report_outputs(tools, _realise(tools, argument), linked=False)


def _build_and_link(tools: Tools, argument: str) -> None:
    _report_outputs(tools, _realise(tools, argument), linked=True)


def _realise(tools: Tools, argument: str) -> dict[str, StorePath]:
    building = _building(tools)
    path = _derivation(tools, argument)
    derivation = building.store.read_derivation(path)
    building.realise({path: frozenset(derivation.outputs)})
    return {name: derivation.output_path(name) for name in sorted(derivation.outputs)}


def _report_outputs(tools: Tools, outputs: dict[str, StorePath], *, linked: bool) -> None:
    lines = ["", "This derivation produced the following outputs:"]
    for name, path in outputs.items():
        if linked:
            link = Path(f"repl-result-{name}").absolute()
            link_atomically(link, str(path))
            _building(tools).store.add_root(link, path)
            lines.append(f"  ./{link.name} -> {path}")
        else:
            lines.append(f"  {name} -> {path}")
    tools.voice.say("\n".join(lines))


def _building(tools: Tools) -> Building:
    if tools.building is None:
        raise CommandError(
            "this session does not write to the store, so nothing can be built",
            hint="start it with --read-write-mode",
        )
    return tools.building


def _derivation(tools: Tools, argument: str) -> StorePath:
    source, workspace = tools.source(argument), tools.workspace

    def find() -> StorePath:
        value = workspace.evaluate(source)
        if not is_derivation(value):
            raise EvaluationError("expression does not evaluate to a derivation, so it cannot be built")
        return read_derivation(value).path

    return workspace.run(find)


def _log(tools: Tools, argument: str) -> None:
    import bz2

    path = _derivation(tools, argument)
    file = _building(tools).store.layout.log_file(path)
    try:
        text = bz2.decompress(file.read_bytes()).decode(errors="replace")
    except OSError:
        raise CommandError(f"there is no log of '{path}'", hint="it may not have been built here") from None
    tools.voice.say(text.removesuffix("\n"))


def _edit(tools: Tools, argument: str) -> None:
    from system_manager.base.process import attend

    source, workspace = tools.source(argument), tools.workspace
    file, line = workspace.run(lambda: _place(workspace.evaluate(source)))
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "nano")
    if line and Path(editor[0]).name in _TAKE_LINE_NUMBERS:
        editor.append(f"+{line}")
    attend([*editor, file])
    tools.voice.reload()


def _place(value: Value) -> tuple[str, int]:
    """The file and line that a value comes from, 0 for none."""
    if type_of(value) == "set" and is_derivation(value):
        return _place_of_derivation(value)
    if is_function(value):
        function = describe_lambda(value)
        if function is None or not function.position.source.name.startswith("/"):
            where = f": it is defined at {function.position}" if function else ", for it is built in"
            raise EvaluationError(f"the function is in no file{where}")
        return function.position.source.name, function.position.line
    what = "while evaluating the name of a file to edit"
    return string_text(coerce_to_string(value, copy_to_store=False, coerce_more=False, what=what)), 0


def _place_of_derivation(attributes: dict[str, Lazy]) -> tuple[str, int]:
    meta = force_attributes(attributes.get("meta", {}))
    if "position" not in meta:
        raise EvaluationError("the derivation does not say where it is defined (meta.position)")
    what = "while evaluating the 'meta.position' attribute of a derivation"
    position = string_text(coerce_to_string(meta["position"], copy_to_store=False, coerce_more=False, what=what))
    file, _, line = position.rpartition(":")
    if not file or not line.isdecimal():
        raise EvaluationError(f"cannot parse 'meta.position' attribute '{position}'")
    return file, int(line)


def _toggle_traces(tools: Tools, argument: str) -> None:
    choices = {"": not tools.settings.show_trace, "true": True, "false": False}
    if argument not in choices:
        raise CommandError(f"unexpected argument '{argument}'", hint=":te takes true, false or nothing")
    tools.settings.show_trace = choices[argument]
    tools.voice.say("showing error traces" if tools.settings.show_trace else "not showing error traces")


def _load_flake(_tools: Tools, _argument: str) -> None:
    raise CommandError("flakes cannot be loaded", hint="load a file with :load, such as ./default.nix")


def _quit(_tools: Tools, _argument: str) -> None:
    raise EOFError


COMMANDS: tuple[ReplCommand, ...] = (
    ReplCommand((":a", ":add"), "EXPR", "make the attributes of a set variables", _add),
    ReplCommand((":b",), "EXPR", "build a derivation", _build),
    ReplCommand((":bl",), "EXPR", "build it, and link the outputs as ./repl-result-OUTPUT", _build_and_link),
    ReplCommand((":doc",), "EXPR", "show what is documented about a function or an attribute", _document),
    ReplCommand((":e", ":edit"), "EXPR", "open a file, or where a function or package is defined, in $EDITOR", _edit),
    ReplCommand((":env",), "", "list the variables that were defined or loaded", _environment),
    ReplCommand((":l", ":load"), "FILE", "load a file and make its attributes variables", _load),
    ReplCommand((":lf", ":load-flake"), "REF", "load a flake (not available)", _load_flake),
    ReplCommand((":ll", ":last-loaded"), "", "list the variables that were loaded last", _last_loaded),
    ReplCommand((":log",), "EXPR", "show the log of a derivation's build", _log),
    ReplCommand((":p", ":print"), "EXPR", "print the whole value, and a string as it is", _print),
    ReplCommand((":q", ":quit"), "", "leave, as Ctrl-D does", _quit),
    ReplCommand((":r", ":reload"), "", "forget all variables and load all files again", _reload),
    ReplCommand((":t",), "EXPR", "show the type of a value", _type),
    ReplCommand((":te", ":trace-enable"), "[BOOL]", "show traces of errors, do not, or change it", _toggle_traces),
    ReplCommand((":?", ":help"), "", "show this", _help),
)

_SHELLS = "there are no development shells here; :b builds a derivation"
_DEBUGGER = "there is no debugger here; :te shows the way to an error"
_REFUSED = {
    ":i": "packages are installed by a configuration: environment.systemPackages",
    ":u": _SHELLS,
    ":sh": _SHELLS,
    **dict.fromkeys((":bt", ":backtrace", ":st", ":c", ":continue", ":s", ":step"), _DEBUGGER),
}
