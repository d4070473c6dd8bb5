"""The command line's way in and its only way out: every error ends here, in words and an exit code."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import os
import sys
from types import MappingProxyType
from typing import NoReturn

import click

from system_manager.base.errors import ExitCode, SystemManagerError
from system_manager.cli.settings import Settings, common_options, help_option, settings_of

# In the order of the help text. The module is the verb's, so that a verb costs no other verb's imports.
_VERBS = MappingProxyType(
    {
        "init": "initialise",
        "build": "build",
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
        "register": "register",
        "pre-populate": "populate",
        "eval": "evaluate",
        "repl": "repl",
        "instantiate": "instantiate",
        "parse": "parse",
    }
)

_INTERRUPTED = 130


class _Verbs(click.Group):
    """Finds a verb in its own module, when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (as above)
        name = _VERBS.get(cmd_name)
        if name is None:
            return None
        module = importlib.import_module(f"system_manager.cli.commands.{name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # Not the inherited one: it imports difflib even where the verb is right.
        if args and args[0] in _VERBS:
            return args[0], self.get_command(ctx, args[0]), args[1:]
        import difflib

        close = difflib.get_close_matches(args[0], _VERBS, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else " 'system-manager --help' lists the verbs."
        raise click.UsageError(f"There is no verb '{args[0]}'.{hint}", ctx)


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"system-manager {version('system-manager')}")
        context.exit()


@click.command(
    cls=_Verbs,
    params=[
        *common_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Print the version.",
        ),
        help_option(),
    ],
    invoke_without_command=True,
    subcommand_metavar="VERB [OPTIONS]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Declarative configuration for ordinary Linux distributions.

    Reads NixOS-style modules, shows what they would change on this machine, changes it, and changes it back.
    """
    settings_of(context)
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(ExitCode.USAGE)


def main() -> NoReturn:
    """Run the command that ``sys.argv`` asks for."""
    try:
        _run()
    except SystemExit as ending:
        _leave(ending)


def _leave(ending: SystemExit) -> NoReturn:
    """End the process at once: freeing every value of an evaluation one by one takes a tenth of its time."""
    if ending.code is not None and not isinstance(ending.code, int):
        raise ending
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(ending.code or 0)


def _run() -> NoReturn:
    # Nothing that is imported or built up from here on becomes garbage before the end.
    gc.disable()
    settings = Settings()
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Programs and file names may hold any bytes; they come out as they went in, whatever the locale.
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        status = cli.main(prog_name="system-manager", standalone_mode=False, obj=settings)
        sys.stdout.flush()
        sys.exit(status if isinstance(status, int) else ExitCode.DONE)
    except SystemManagerError as error:
        from system_manager.cli.failure import print_error

        print_error(error, settings)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        from system_manager.cli.failure import print_usage_error

        print_usage_error(error, settings)
        sys.exit(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted; nothing was changed\n")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone. Nothing can be said to them.
        _drop_output()
        sys.exit(ExitCode.ERROR)
    except Exception as error:
        from system_manager.cli.failure import print_defect, print_error, told_by_the_system

        explained = told_by_the_system(error)
        if explained is None:
            print_defect(error, settings)
        else:
            print_error(explained, settings)
        _drop_output()
        sys.exit(ExitCode.ERROR)


def _open_standard_streams() -> None:
    """Whoever starts us may have closed them. What is opened next must not get their numbers, and be written to."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.dup2(descriptor, number)
            if descriptor != number:
                os.close(descriptor)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _drop_output() -> None:
    """Python must not try again at exit to write what could not be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
