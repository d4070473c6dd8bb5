"""Nix's settings that concern evaluation, from its configuration and as options: ``--option NAME VALUE``, ``--NAME``.

Names, values and meaning are those of the Nix manual, "nix.conf". What else can be set there is no concern of an
evaluator and is passed over with a warning.
"""

from __future__ import annotations

import os

from system_manager.base.enumerations import Enum
from system_manager.base.errors import UsageError
from system_manager.base.events import Warned
from system_manager.base.records import record
from system_manager.base.type_hints import Mapping, TypeVar
from system_manager.cli.command_line import Argument, Option
from system_manager.cli.nix_configuration import configured_settings
from system_manager.cli.settings import Settings

_KEY = "language"
_Choice = TypeVar("_Choice", bound=Enum)

SWITCHES: Mapping[str, str] = {
    "abort-on-warn": "",
    "allow-import-from-derivation": "",
    "eval-cache": "",
    "pure-eval": "",
    "restrict-eval": "Let programs read the search path only, and fetch only what allowed-uris says.",
    "trace-import-from-derivation": "",
    "trace-verbose": "",
    "warn-dirty": "",
    "warn-short-path-literals": "",
}
"""Boolean settings, and what ``--help`` says of them; nothing for those that are not shown there."""

_TEXTS = (
    "allowed-uris",
    "eval-system",
    "extra-allowed-uris",
    "extra-nix-path",
    "lint-absolute-path-literals",
    "lint-short-path-literals",
    "lint-url-literals",
    "max-call-depth",
    "nix-path",
    "system",
)
NAMES = frozenset((*SWITCHES, *_TEXTS, "show-trace"))
"""Every setting that means something here."""
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@record(frozen=True)
class LanguageSettings:
    """What was set, by name; what was not is absent."""

    values: Mapping[str, str]

    def apply(self, settings: Settings) -> None:
        """Do what concerns more than the evaluation: traces of errors, and names that mean nothing here."""
        settings.show_trace = self.switch("show-trace", settings.show_trace)
        for name in self.values:
            if name not in NAMES:
                from system_manager.cli.progress import observer

                observer(settings).notify(Warned(f"unknown setting '{name}'"))

    def switch(self, name: str, default: bool) -> bool:
        """The value of a Boolean setting. Raises :class:`UsageError`."""
        if name not in self.values:
            return default
        value = _BOOLEANS.get(self.values[name])
        if value is None:
            what = f"Boolean setting '{name}' has invalid value '{self.values[name]}'"
            raise UsageError(what, hint="it is either 'true' or 'false'")
        return value

    def text(self, name: str) -> str | None:
        """The value of any other setting."""
        return self.values.get(name)

    def number(self, name: str, default: int) -> int:
        """The value of a setting that is a natural number. Raises :class:`UsageError`."""
        text = self.values.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 32:
            raise UsageError(f"setting '{name}' has invalid value '{text}'", hint="a number below 2³² is wanted")
        return int(text)

    def choice(self, name: str, default: _Choice) -> _Choice:
        """The value of a setting that is one of several words. Raises :class:`UsageError`."""
        text = self.values.get(name)
        if text is None:
            return default
        words = {choice.value: choice for choice in type(default)}
        if text not in words:
            hint = f"it is one of {', '.join(words)}"
            raise UsageError(f"setting '{name}' has invalid value '{text}'", hint=hint)
        return words[text]

    def words(self, name: str) -> tuple[str, ...]:
        """The value of a setting that is a list, what ``extra-NAME`` adds included."""
        return (*self.values.get(name, "").split(), *self.values.get(f"extra-{name}", "").split())


def language_settings(language: tuple[tuple[str, str], ...]) -> LanguageSettings:
    """The settings of Nix's configuration, and after them those that were given, in this order.

    Of the same, the last one counts; ``extra-NAME`` adds to what was there. The search path of NIX_PATH replaces the
    one that is configured.

    :raises SystemManagerError: if the configuration cannot be read.
    """
    values: dict[str, str] = {}
    for name, value in configured_settings():
        if name in NAMES and not (name.endswith("nix-path") and "NIX_PATH" in os.environ):
            _set(values, name, value)
    for name, value in language:
        _set(values, name, value)
    return LanguageSettings(values)


def _set(values: dict[str, str], name: str, value: str) -> None:
    if name.startswith("extra-"):
        values[name] = f"{values[name]} {value}" if name in values else value
    else:
        values[name] = value
        values.pop(f"extra-{name}", None)


def _switch(name: str, setting: str, value: str, help_text: str) -> Option:
    return Option((name,), _KEY, help_text, constant=(setting, value), default=(), many=True)


def _text(setting: str) -> Option:
    def convert(text: str) -> tuple[str, str]:
        return setting, text

    return Option((f"--{setting}",), _KEY, "", metavar="VALUE", convert=convert, default=(), many=True)


LANGUAGE_OPTIONS = (
    Option(
        ("--option",),
        _KEY,
        "Set what Nix calls NAME, e.g. max-call-depth. As in Nix, --NAME VALUE, --NAME and --no-NAME do, too.",
        metavar="NAME VALUE",
        argument=Argument.SETTING,
        default=(),
        many=True,
    ),
    Option(("--show-trace",), "show_trace", "Show the whole way to an error."),
    Option(("--no-show-trace",), "show_trace", "", constant=False),
    _switch("--pure", "pure-eval", "true", "Keep files, environment and clock out of reach."),
    _switch("--impure", "pure-eval", "false", "Do not; this is the default."),
    *(_switch(f"--{name}", name, "true", text) for name, text in SWITCHES.items()),
    *(_switch(f"--no-{name}", name, "false", "") for name in SWITCHES),
    *map(_text, _TEXTS),
)
"""They all have the key ``language``, and are read by :func:`language_settings`."""
