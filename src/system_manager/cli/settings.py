"""Options that every verb takes, wherever they stand on the command line."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from system_manager.base.records import record

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Colour(enum.Enum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@record()
class Settings:
    """What the common options say. One instance lives as long as the command."""

    json: bool = False
    verbose: bool = False
    show_trace: bool = False
    colour: Colour = Colour.AUTO
    root: Path = Path("/")
    store: Path | None = None

    @property
    def store_root(self) -> Path:
        """The directory that has ``nix/store`` below it."""
        return self.root if self.store is None else self.store

    def coloured(self, stream: Any) -> bool:
        """Whether text for this stream gets colour: as asked, else on a terminal unless ``NO_COLOR`` is set."""
        if self.colour is not Colour.AUTO:
            return self.colour is Colour.ALWAYS
        return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and bool(stream.isatty())


def current() -> Settings:
    """The settings of the command that runs."""
    settings = click.get_current_context().find_root().obj
    assert isinstance(settings, Settings)
    return settings


def settings_of(context: click.Context) -> Settings:
    """The settings of a context, made on first use."""
    root = context.find_root()
    if not isinstance(root.obj, Settings):
        root.obj = Settings()
    return root.obj


def _store(name: str, convert: Callable[[Any], Any]) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        settings = settings_of(context)
        # Taken by group and verb alike: what is not given at one place must not undo what is at the other.
        if context.get_parameter_source(parameter.name or "") is not click.core.ParameterSource.DEFAULT:
            setattr(settings, name, convert(value))

    return callback


def _directory(text: str) -> Path:
    # Not resolved: the store prints and compares paths below it as they were given.
    return Path(text).absolute()


def common_options() -> Sequence[click.Option]:
    """New instances of the options that group and verbs share."""
    return (
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_store("json", bool),
            help="Print the result as JSON, and events and errors as JSON lines on standard error.",
        ),
        click.Option(
            ["--root"],
            metavar="DIR",
            expose_value=False,
            callback=_store("root", _directory),
            help="Work on the system mounted at DIR instead of this one. Its services are not touched.",
        ),
        click.Option(
            ["--store"],
            metavar="DIR",
            expose_value=False,
            callback=_store("store", _directory),
            help="Use the store below DIR (DIR/nix/store) instead of the machine's own.",
        ),
        click.Option(
            ["--color", "--colour"],
            type=click.Choice([choice.value for choice in Colour]),
            default=Colour.AUTO.value,
            expose_value=False,
            callback=_store("colour", Colour),
            help="Colour: on a terminal (auto), always, or never.",
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_store("verbose", bool),
            help="Show builds and every single change.",
        ),
    )


def help_option() -> click.Option:
    """A new instance of the option for help. Click's own looks for translations first, which takes milliseconds."""

    def show(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value and not context.resilient_parsing:
            click.echo(context.get_help(), color=context.color)
            context.exit()

    return click.Option(
        ["-h", "--help"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show this message and exit.",
    )


class Verb(click.Command):
    """A subcommand; it takes the common options too, but for those that it gives a meaning of its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        own = {name for parameter in self.params for name in parameter.opts}
        self.params.extend(option for option in common_options() if own.isdisjoint(option.opts))
        self.params.append(help_option())


def standard_input_is_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()
