"""Options of ``nix-instantiate`` that ``eval``, ``instantiate`` and the verbs with a configuration share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

import click

from system_manager.base.records import record
from system_manager.cli.settings import settings_of
from system_manager.evaluation.settings import EvaluationSettings, Purity, SearchPathEntry, parse_search_path


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


@record(frozen=True)
class EvaluationOptions:
    """What the options say. The mappings are names to expressions, and names to texts."""

    attributes: tuple[str, ...]
    expressions: dict[str, str]
    texts: dict[str, str]
    search_path: tuple[str, ...]
    pure: bool

    def settings(self, *, write_store: bool) -> EvaluationSettings:
        """The settings of the evaluation."""
        purity = Purity.PURE if self.pure else Purity.IMPURE
        return evaluation_settings(self.search_path, write_store=write_store, purity=purity)


def evaluation_settings(
    search_path: tuple[str, ...], *, write_store: bool, purity: Purity = Purity.IMPURE
) -> EvaluationSettings:
    """Settings from options and from the variables that Nix knows, too."""
    entries = tuple(SearchPathEntry.parse(entry) for entry in search_path)
    return EvaluationSettings(
        purity=purity,
        write_store=write_store,
        search_path=entries + parse_search_path(os.environ.get("NIX_PATH", "")),
        abort_on_warning=os.environ.get("NIX_ABORT_ON_WARN") in ("1", "true", "yes"),
    )


def evaluation_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``-A``, ``--arg``, ``--argstr``, ``-I``, ``--pure``, ``--impure`` and ``--show-trace``, given as ``options``."""

    @functools.wraps(function)
    def with_options(
        attributes: tuple[str, ...],
        arguments: tuple[tuple[str, str], ...],
        string_arguments: tuple[tuple[str, str], ...],
        search_path: tuple[str, ...],
        pure: bool,
        **others: Any,
    ) -> Any:
        options = EvaluationOptions(attributes, dict(arguments), dict(string_arguments), search_path, pure)
        return function(options=options, **others)

    result: Callable[..., Any] = with_options
    for option in (
        show_trace_option,
        click.option("--pure/--impure", help="Whether files, environment and clock are out of reach; default: impure."),
        search_path_option,
        _pairs("--argstr", "string_arguments", "NAME TEXT"),
        _pairs("--arg", "arguments", "NAME EXPR"),
        click.option(
            "-A", "--attr", "attributes", metavar="ATTR", multiple=True, help="Take this attribute of the result."
        ),
    ):
        result = option(result)
    return result


def _pairs(flag: str, name: str, metavar: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    help_text = "An argument for the function that the result is."
    return click.option(flag, name, type=(str, str), metavar=metavar, multiple=True, help=help_text)
