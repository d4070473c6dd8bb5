"""``generations``: the list of what can be rolled back to."""

from __future__ import annotations

import sys

from system_manager.base.type_hints import Any
from system_manager.cli.command_line import verb
from system_manager.cli.places import profile_directory
from system_manager.cli.settings import Settings


@verb(
    "List the generations.",
)
def command(settings: Settings) -> None:
    """List the generations of this machine, newest first."""
    from system_manager.generation.profile import Profile

    generations = Profile(profile_directory(settings)).generations()
    if settings.json:
        import json

        rows = [_as_json(generation) for generation in reversed(generations)]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
        return
    if not generations:
        sys.stderr.write("There are no generations yet; 'system-manager switch' makes the first.\n")
        return
    from system_manager.cli.drawing import print_table

    print_table(
        ("Generation", "Made", "", "Toplevel"),
        [
            (
                str(generation.number),
                generation.made.strftime("%Y-%m-%d %H:%M:%S"),
                "current" if generation.current else "to be confirmed" if generation.waiting else "",
                generation.toplevel,
            )
            for generation in reversed(generations)
        ],
        settings,
    )


def _as_json(generation: Any) -> dict[str, Any]:
    return {
        "generation": generation.number,
        "date": generation.made.isoformat(timespec="seconds"),
        "toplevel": generation.toplevel,
        "current": generation.current,
        "toConfirm": generation.waiting,
    }
