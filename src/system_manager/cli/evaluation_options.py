"""Options of ``nix-instantiate`` that ``eval``, ``instantiate`` and the verbs with a configuration share."""

from __future__ import annotations

import os

from system_manager.base.records import record
from system_manager.base.type_hints import Iterable
from system_manager.cli.command_line import Argument, Group, Option
from system_manager.cli.language_settings import LANGUAGE_OPTIONS, LanguageSettings, language_settings
from system_manager.evaluation.requests import Request
from system_manager.evaluation.settings import (
    MAX_CALL_DEPTH,
    EvaluationSettings,
    Purity,
    SearchPathEntry,
    current_system,
    parse_search_path,
)
from system_manager.language.lints import Lints, Severity
from system_manager.language.source import Source

SEARCH_PATH_OPTION = Option(
    ("-I", "--include"),
    "search_path",
    "Look <NAME/…> up in PATH, before NIX_PATH. May be given more than once.",
    metavar="[NAME=]PATH",
    argument=Argument.SEARCH_PATH,
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
    language: LanguageSettings

    def settings(self, *, write_store: bool) -> EvaluationSettings:
        """The settings of the evaluation."""
        return evaluation_settings(self.search_path, self.language, write_store=write_store)

    def request(self, source: Source) -> Request:
        """What is asked of this program."""
        return Request(source, self.attributes, self.expressions, self.texts)


def evaluation_settings(
    search_path: tuple[str, ...], language: LanguageSettings, *, write_store: bool
) -> EvaluationSettings:
    """Settings from options and from the variables that Nix knows, too. Raises :class:`UsageError`."""
    restricted = language.switch("restrict-eval", False)
    purity = Purity.RESTRICTED if restricted else Purity.IMPURE
    if language.switch("pure-eval", False):
        purity = Purity.PURE
    aborts = os.environ.get("NIX_ABORT_ON_WARN") in ("1", "true", "yes")
    return EvaluationSettings(
        purity=purity,
        write_store=write_store,
        search_path=_search_path(search_path, language),
        system=language.text("eval-system") or language.text("system") or current_system(),
        allowed_uris=language.words("allowed-uris") if restricted else None,
        allow_import_from_derivation=language.switch("allow-import-from-derivation", True),
        trace_import_from_derivation=language.switch("trace-import-from-derivation", False),
        trace_verbose=language.switch("trace-verbose", False),
        abort_on_warning=language.switch("abort-on-warn", aborts),
        warn_dirty=language.switch("warn-dirty", True),
        max_call_depth=language.number("max-call-depth", MAX_CALL_DEPTH),
        lints=_lints(language),
    )


def _lints(language: LanguageSettings) -> Lints:
    short = Severity.WARN if language.switch("warn-short-path-literals", False) else Severity.IGNORE
    return Lints(
        urls=language.choice("lint-url-literals", Severity.IGNORE),
        short_paths=language.choice("lint-short-path-literals", short),
        absolute_paths=language.choice("lint-absolute-path-literals", Severity.IGNORE),
    )


def _search_path(options: tuple[str, ...], language: LanguageSettings) -> tuple[SearchPathEntry, ...]:
    text = language.text("nix-path")
    words = parse_search_path(os.environ.get("NIX_PATH", "")) if text is None else _entries(text.split())
    return _entries(options) + words + _entries((language.text("extra-nix-path") or "").split())


def _entries(texts: Iterable[str]) -> tuple[SearchPathEntry, ...]:
    return tuple(SearchPathEntry.parse(text) for text in texts)


def _group(
    attributes: tuple[str, ...],
    arguments: tuple[tuple[str, str], ...],
    string_arguments: tuple[tuple[str, str], ...],
    search_path: tuple[str, ...],
    language: tuple[tuple[str, str], ...],
    **_: object,
) -> EvaluationOptions:
    settings = language_settings(language)
    return EvaluationOptions(attributes, dict(arguments), dict(string_arguments), search_path, settings)


def _repeated(names: tuple[str, ...], key: str, metavar: str, help_text: str) -> Option:
    return Option(names, key, help_text, metavar=metavar, default=(), many=True)


EVALUATION_OPTIONS = Group(
    "options",
    _group,
    (
        Option(
            ("-A", "--attr"),
            "attributes",
            "Take this attribute of the result.",
            metavar="ATTR",
            default=(),
            many=True,
            argument=Argument.ATTRIBUTE,
        ),
        _repeated(("--arg",), "arguments", "NAME EXPR", "An argument for the function that the result is."),
        _repeated(("--argstr",), "string_arguments", "NAME TEXT", "The same, its value being a text."),
        SEARCH_PATH_OPTION,
        *LANGUAGE_OPTIONS,
    ),
)
