"""``history``: who changed this machine, when, and how it ended."""

from __future__ import annotations

import sys

from system_manager.base.type_hints import Any
from system_manager.cli.command_line import Option, positive_number, verb
from system_manager.cli.elevation import SUDO_OPTIONS, become_root
from system_manager.cli.settings import Settings


@verb(
    "List who changed this machine, and when.",
    Option(("-n", "--limit"), "limit", "Only the last N.", metavar="N", convert=positive_number),
    *SUDO_OPTIONS,
)
def command(settings: Settings, *, limit: int | None, sudo: bool, ask_password: bool) -> None:
    """List the activations of this machine, newest first: when, who, what, and how it ended."""
    from system_manager.cli import engine
    from system_manager.cli.activation import raise_error
    from system_manager.cli.progress import observer

    become_root(settings, sudo=sudo, ask_password=ask_password)
    outcome = engine.run(["history"], settings, observer(settings))
    raise_error(outcome)
    entries: list[dict[str, Any]] = outcome.result["activations"][::-1][:limit]
    if settings.json:
        import json

        sys.stdout.write(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")
        return
    if not entries:
        sys.stderr.write("Nothing has been activated on this machine yet.\n")
        return
    from system_manager.cli.drawing import print_table

    print_table(("Began", "User", "Verb", "Outcome", "Took", "Generation", "To"), map(_row, entries), settings)


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        entry["time"].replace("+00:00", "Z"),
        entry["user"] or "-",
        entry["verb"],
        entry["outcome"],
        "-" if entry["seconds"] is None else f"{entry['seconds']:.1f} s",
        "-" if entry["generation"] is None else str(entry["generation"]),
        entry["after"] or "nothing",
    )
