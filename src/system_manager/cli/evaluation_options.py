"""Options of ``nix-instantiate`` that ``eval``, ``instantiate`` and the verbs with a configuration share."""

from __future__ import annotations

from typing import Any

import click

from system_manager.cli.settings import settings_of


def _show_trace(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    settings_of(context).show_trace |= value


show_trace_option = click.option(
    "--show-trace", is_flag=True, expose_value=False, callback=_show_trace, help="Show the whole way to an error."
)

search_path_option = click.option(
    "-I",
    "--include",
    "search_path",
    metavar="[NAME=]PATH",
    multiple=True,
    help="Look <NAME/…> up in PATH, before NIX_PATH. May be given more than once.",
)


def _pairs(kind: str, name: str, text: str) -> Any:
    return click.option(
        kind,
        name,
        type=(str, str),
        metavar=text,
        multiple=True,
        help="Pass an argument to a function that is the result.",
    )


argument_option = _pairs("--arg", "arguments", "NAME EXPR")
string_argument_option = _pairs("--argstr", "string_arguments", "NAME TEXT")
