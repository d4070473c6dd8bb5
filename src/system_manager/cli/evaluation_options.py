"""Options of ``nix-instantiate`` that ``eval``, ``instantiate`` and the verbs with a configuration share."""

from __future__ import annotations

import os

from system_manager.base.records import record
from system_manager.cli.command_line import Group, Option, flag
from system_manager.evaluation.settings import EvaluationSettings, Purity, SearchPathEntry, parse_search_path

SHOW_TRACE_OPTION = flag("--show-trace", "Show the whole way to an error.")

SEARCH_PATH_OPTION = Option(
    ("-I", "--include"),
    "search_path",
    "Look <NAME/…> up in PATH, before NIX_PATH. May be given more than once.",
    metavar="[NAME=]PATH",
    default=(),
    many=True,
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


def _group(
    attributes: tuple[str, ...],
    arguments: tuple[tuple[str, str], ...],
    string_arguments: tuple[tuple[str, str], ...],
    search_path: tuple[str, ...],
    pure: bool,
    **_: object,
) -> EvaluationOptions:
    return EvaluationOptions(attributes, dict(arguments), dict(string_arguments), search_path, pure)


def _repeated(names: tuple[str, ...], key: str, metavar: str, help_text: str) -> Option:
    return Option(names, key, help_text, metavar=metavar, default=(), many=True)


EVALUATION_OPTIONS = Group(
    "options",
    _group,
    (
        _repeated(("-A", "--attr"), "attributes", "ATTR", "Take this attribute of the result."),
        _repeated(("--arg",), "arguments", "NAME EXPR", "An argument for the function that the result is."),
        _repeated(("--argstr",), "string_arguments", "NAME TEXT", "The same, its value being a text."),
        SEARCH_PATH_OPTION,
        flag("--pure", "Keep files, environment and clock out of reach."),
        Option(("--impure",), "pure", "Do not; this is the default.", constant=False, default=False),
        SHOW_TRACE_OPTION,
    ),
)
