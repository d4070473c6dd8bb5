"""The command line's way in and its only way out: every error ends here, in words and an exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
from types import MappingProxyType

from system_manager.base.ending import drop_output, leave
from system_manager.base.errors import INTERRUPTED, ExitCode, SystemManagerError, UsageError
from system_manager.base.type_hints import Any, NoReturn, Sequence
from system_manager.cli.command_line import HELP, Option, Verb, read_options
from system_manager.cli.settings import COMMON_OPTIONS, HELP_OPTION, Settings

# In the order of the help text. The module is the verb's, so that a verb costs no other verb's imports.
VERBS = MappingProxyType(
    {
        "init": "initialise",
        "build": "build",
        "lock": "lock",
        "plan": "plan",
        "switch": "switch",
        "test": "trial",
        "boot": "boot",
        "confirm": "confirm",
        "rollback": "rollback",
        "generations": "generations",
        "status": "status",
        "history": "history",
        "deactivate": "deactivate",
        "uninstall": "uninstall",
        "register": "register",
        "pre-populate": "populate",
        "eval": "evaluate",
        "repl": "repl",
        "instantiate": "instantiate",
        "parse": "parse",
        "completion": "completion",
    }
)

_DESCRIPTION = """
Declarative configuration for ordinary Linux distributions.

Reads NixOS-style modules, shows what they would change on this machine, changes it, and changes it back.
"""

_PROGRAM = "system-manager"
_VERSION = "version"
OPTIONS = (*COMMON_OPTIONS, Option(("--version",), _VERSION, "Print the version."), HELP_OPTION)


def _run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Do what the arguments ask for; returns the exit code."""
    try:
        given, rest = read_options(OPTIONS, arguments, stop=True)
        settings.take(given)
        if HELP in given or not (rest or _VERSION in given):
            (sys.stdout if HELP in given else sys.stderr).write(_help())
            return ExitCode.DONE if HELP in given else ExitCode.USAGE
        if _VERSION in given:
            from importlib.metadata import version

            sys.stdout.write(f"{_PROGRAM} {version(_PROGRAM)}\n")
            return ExitCode.DONE
        verb = find_verb(rest[0])
    except UsageError as error:
        raise _with_hint(error, _PROGRAM) from None
    return _run_verb(verb, f"{_PROGRAM} {rest[0]}", rest[1:], settings)


def find_verb(name: str) -> Verb:
    """The verb of this name. Raises :class:`UsageError`."""
    if name not in VERBS:
        import difflib

        close = difflib.get_close_matches(name, VERBS, n=1)
        raise UsageError(f"there is no verb '{name}'{f'; did you mean {close[0]}?' if close else ''}")
    # importlib would be imported for this alone.
    verb = __import__(f"system_manager.cli.commands.{VERBS[name]}", fromlist=("command",)).command
    assert isinstance(verb, Verb)
    return verb


def _run_verb(verb: Verb, name: str, arguments: Sequence[str], settings: Settings) -> int:
    shared = shared_options(verb)
    try:
        given, operands = read_options((*verb.options, *shared), arguments)
        settings.take(given)
        if HELP in given:
            from system_manager.cli.help import verb_help

            sys.stdout.write(verb_help(name, verb, shared))
            return ExitCode.DONE
        values = verb.arguments(given, operands)
    except UsageError as error:
        raise _with_hint(error, name) from None
    return verb.run(settings, **values) or ExitCode.DONE


def shared_options(verb: Verb) -> list[Option]:
    """The options that a verb takes besides its own."""
    own = {written for option in verb.options for written in option.names}
    return [*(option for option in COMMON_OPTIONS if own.isdisjoint(option.names)), HELP_OPTION]


def _with_hint(error: UsageError, name: str) -> UsageError:
    error.hint = error.hint or f"'{name} --help' tells what it takes"
    return error


def _help() -> str:
    from system_manager.cli.help import program_help

    verbs = [(name, find_verb(name).summary) for name in VERBS]
    return program_help(_PROGRAM, _DESCRIPTION, OPTIONS, verbs)


def main() -> NoReturn:
    """Run the command that ``sys.argv`` asks for."""
    try:
        _run()
    except SystemExit as ending:
        if isinstance(ending.code, int):
            leave(ending.code)
        raise


def _run() -> NoReturn:
    # Nothing that is imported or built up from here on becomes garbage before the end.
    gc.disable()
    settings = Settings()
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Programs and file names may hold any bytes; they come out as they went in, whatever the locale.
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _heedless(sys.stderr)
    try:
        status = _run_command(sys.argv[1:], settings)
        sys.stdout.flush()
        sys.exit(status)
    except SystemManagerError as error:
        from system_manager.cli.failure import print_error

        print_error(error, settings)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was changed\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone. Nothing can be said to them.
        drop_output()
        sys.exit(ExitCode.ERROR)
    except Exception as error:
        from system_manager.cli.failure import print_defect, print_error, told_by_the_system

        explained = told_by_the_system(error)
        if explained is None:
            print_defect(error, settings)
        else:
            print_error(explained, settings)
        drop_output()
        sys.exit(ExitCode.ERROR)


def _open_standard_streams() -> None:
    """Whoever starts us may have closed them. What is opened next must not get their numbers, and be written to."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.dup2(descriptor, number)
            if descriptor != number:
                os.close(descriptor)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


class _Heedless(io.FileIO):
    """A file whose writing never fails: what it does not take is lost.

    What is said of the work must not change how it ends, as with Nix's logger: an activation whose listener has gone
    ends with the exit code that is true of the machine.
    """

    def write(self, data: Any) -> int:
        try:
            written = super().write(data)
        except OSError:
            written = len(data)
        if written is None:
            # Somebody else has made it non-blocking; it is full at the moment.
            from select import select

            select((), (self,), ())
            written = 0
        return written


def _heedless(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    stream.flush()
    raw = _Heedless(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True)
