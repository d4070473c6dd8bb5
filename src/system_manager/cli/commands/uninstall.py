"""``uninstall``: leave the machine for good."""

from __future__ import annotations

import sys
from pathlib import Path

from system_manager.base.errors import INTERRUPTED, ExitCode, SystemManagerError, UsageError
from system_manager.base.type_hints import Any
from system_manager.cli.command_line import flag, verb
from system_manager.cli.elevation import SUDO_OPTIONS, require_root
from system_manager.cli.selection import WAITING
from system_manager.cli.settings import Settings
from system_manager.cli.text import visible


@verb(
    "Take everything back and leave nothing behind.",
    flag("--yes", "Do not ask."),
    flag("--keep-store", "Leave the store below /nix as it is."),
    WAITING,
    *SUDO_OPTIONS,
)
def command(
    settings: Settings, *, yes: bool, keep_store: bool, waiting: list[str], sudo: bool, ask_password: bool
) -> int:
    """Take back everything that is on this machine, as 'deactivate' does, and remove what System Manager knows of it.

    The generations go, and the history, the record, the caches, and the store below /nix unless somebody else uses
    it. The program itself stays: it is removed the way it was installed.
    """
    from system_manager.cli import engine
    from system_manager.cli.activation import raise_error, summarise, write_result
    from system_manager.cli.progress import observer

    require_root(settings, sudo=sudo, ask_password=ask_password)
    if not yes:
        _ask(settings)
    outcome = engine.run(["uninstall", *waiting], settings, observer(settings))
    raise_error(outcome)
    result = outcome.result
    try:
        result["stays"] += _remove_caches(settings)
        result["stays"] += ["the store below /nix, as asked for"] if keep_store else _remove_store(settings)
    except KeyboardInterrupt:
        sys.stderr.write(
            "interrupted: nothing on this machine is managed any more, and parts of the caches and of the store stay;"
            " the same command removes them\n"
        )
        return INTERRUPTED
    if settings.json:
        write_result(result)
        return ExitCode.DONE
    for line in summarise(result["steps"]):
        sys.stderr.write(f"{line}\n")
    _say(result)
    return ExitCode.DONE


def _ask(settings: Settings) -> None:
    if settings.json or not sys.stdin.isatty():
        raise UsageError("nobody can be asked whether everything is to go", hint="say --yes")
    sys.stderr.write("This takes back everything and removes all generations. Go on? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise SystemManagerError("nothing was changed")


def _remove_caches(settings: Settings) -> list[str]:
    """Of this user, on the machine itself: another root's have nothing to do with it."""
    from system_manager.cli.places import cache_directory, state_directory
    from system_manager.store.metadata import remove_tree

    if settings.root != "/":
        return []
    stays = []
    for directory in (cache_directory(""), state_directory()):
        try:
            remove_tree(Path(directory))
        except OSError as error:
            stays.append(f"{directory}: {error.strerror}")
    return stays


def _remove_store(settings: Settings) -> list[str]:
    from system_manager.store.layout import StoreLayout
    from system_manager.store.removal import other_users, remove_store

    layout = StoreLayout(Path(settings.store_root))
    if others := other_users(layout, Path(settings.root)):
        return [f"the store below /nix, which others use, too: {', '.join(others)}"]
    try:
        remove_store(layout)
    except OSError as error:
        return [f"parts of the store below /nix: {error.strerror} ({error.filename})"]
    return []


def _say(result: dict[str, Any]) -> None:
    sys.stderr.write("Uninstalled: nothing on this machine is managed, and nothing is known of it any more.\n")
    for what in result["stays"]:
        sys.stderr.write(f"What stays: {visible(what)}\n")
