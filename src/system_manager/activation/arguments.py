"""The command line of the engine, read by hand: argparse alone would take longer than a run that changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from system_manager.activation.change import TimeLimits
from system_manager.base.errors import UsageError
from system_manager.base.records import field, record, replace

USAGE = """usage: system-manager-engine VERB [OPTION…]

verbs:
  plan        say what activating a toplevel would change
  activate    make the machine what a toplevel says, and select it as a generation
  test        activate until the next boot, without making it a generation
  boot        make a toplevel a generation that the next boot activates
  populate    activate in an image, where no systemd runs
  rollback    activate an older generation
  deactivate  take everything away that was put onto the machine
  uninstall   deactivate, and remove the generations and all that is known of them
  register    make a toplevel a generation without activating or selecting it
  status      compare the machine with what was put onto it
  history     list the activations
  confirm     keep what was activated with --confirm
  undo        go back unless that was confirmed; systemd starts it when the time is over
  recover     finish or take back what an interrupted run left

options:
  --toplevel PATH       the store path with the manifest (plan, activate, test, boot, populate, register)
  --to NUMBER           the generation to go to (rollback; default: the one before the current)
  --root DIRECTORY      the machine's file system (default: /)
  --store-root DIR      where /nix is, when not below --root
  --wait SECONDS        how long to wait for another run that changes the machine (default: 0)
  --confirm SECONDS     go back after this time unless 'confirm' is said (activate, rollback)
  --waiting NAME        the transaction that waits (undo)
  --no-rollback         keep what was done when the activation fails
  --unit-timeout SECONDS  how long units may take to stop, or to start (default: the manifest's, or 600)
  --settle SECONDS      how long a started service has to stay up (default: the manifest's, or 0)
  --repair              also bring units into the state in which they were left (plan, activate)
  --boot                the machine is coming up: units are systemd's business (recover)
  --ephemeral           until the image is booted, without making it a generation (populate)
  --json                accepted; the output always is JSON lines
"""

_OF_TOPLEVELS = frozenset({"plan", "activate", "test", "boot", "populate", "register"})
VERBS = _OF_TOPLEVELS | {"rollback", "deactivate", "uninstall", "status", "history", "confirm", "undo", "recover"}
# What would do nothing with another verb.
_ONLY_OF = {
    "--toplevel": _OF_TOPLEVELS,
    "--to": frozenset({"rollback"}),
    "--confirm": frozenset({"activate", "rollback"}),
    "--waiting": frozenset({"undo"}),
    "--no-rollback": frozenset({"activate", "test", "populate", "rollback", "deactivate"}),
    "--repair": frozenset({"plan", "activate", "test"}),
    "--boot": frozenset({"recover"}),
    "--ephemeral": frozenset({"populate"}),
}
_MOST_SECONDS = 1_000_000_000  # thirty years; no timer of systemd's runs for ever


@record(frozen=True)
class Options:
    """The command line."""

    verb: str
    toplevel: str | None = None
    to: int | None = None
    root: str = "/"
    store_root: str | None = None
    rollback: bool = True
    boot: bool = False
    ephemeral: bool = False
    repair: bool = False
    wait: float = 0.0
    confirm: float | None = None
    waiting: str | None = None
    limits: TimeLimits = field(default_factory=TimeLimits)


def parse_arguments(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises :class:`UsageError`."""
    words = list(arguments)
    if not words or words[0] not in VERBS:
        raise UsageError(f"'{words[0]}' is not a verb" if words else "a verb is missing", hint="see --help")
    options = Options(words.pop(0))
    while words:
        word, _, value = words.pop(0).partition("=")
        if word not in _FLAGS and word not in _WITH_VALUE:
            raise UsageError(f"'{word}' is not an option", hint="see --help")
        if options.verb not in _ONLY_OF.get(word, VERBS):
            raise UsageError(f"{options.verb} has no option {word}", hint="see --help")
        if word in _FLAGS and not value:
            options = _FLAGS[word](options)
            continue
        if word not in _WITH_VALUE:
            raise UsageError(f"{word} takes no value")
        if not value:
            if not words:
                raise UsageError(f"{word} needs a value")
            value = words.pop(0)
        options = _WITH_VALUE[word](options, value)
    if options.verb in _OF_TOPLEVELS and options.toplevel is None:
        raise UsageError(f"{options.verb} needs --toplevel")
    if options.verb == "undo" and options.waiting is None:
        raise UsageError("undo needs --waiting")
    return options


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise UsageError(f"{name} needs a number, not '{text}'")
    return value


def _with_confirmation(options: Options, value: str) -> Options:
    seconds = _number("--confirm", value)
    if not 1 <= seconds <= _MOST_SECONDS:
        raise UsageError(f"--confirm needs a time between one second and {_MOST_SECONDS} seconds")
    return replace(options, confirm=seconds)


def _with_generation(options: Options, value: str) -> Options:
    if not (value.isascii() and value.isdigit()):
        raise UsageError(f"--to needs the number of a generation, not '{value}'")
    return replace(options, to=int(value))


_FLAGS: dict[str, Callable[[Options], Options]] = {
    "--json": lambda options: options,
    "--no-rollback": lambda options: replace(options, rollback=False),
    "--repair": lambda options: replace(options, repair=True),
    "--ephemeral": lambda options: replace(options, ephemeral=True),
    "--boot": lambda options: replace(options, boot=True),
}

_WITH_VALUE: dict[str, Callable[[Options, str], Options]] = {
    "--toplevel": lambda options, value: replace(options, toplevel=value),
    "--to": _with_generation,
    "--wait": lambda options, value: replace(options, wait=_number("--wait", value)),
    "--confirm": _with_confirmation,
    "--waiting": lambda options, value: replace(options, waiting=value),
    "--root": lambda options, value: replace(options, root=value),
    "--store-root": lambda options, value: replace(options, store_root=value),
    "--unit-timeout": lambda options, value: replace(
        options, limits=replace(options.limits, unit=_number("--unit-timeout", value))
    ),
    "--settle": lambda options, value: replace(
        options, limits=replace(options.limits, settle=_number("--settle", value))
    ),
}
