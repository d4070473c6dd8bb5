"""``completion``: what makes a shell complete command lines of this program."""

from __future__ import annotations

import sys
from importlib import resources

from system_manager.base.errors import UsageError
from system_manager.cli.command_line import Operands, Option, verb
from system_manager.cli.settings import Settings

_SHELLS = ("bash", "zsh", "fish")


@verb(
    "Print a shell's completion script.",
    Operands("words", "SHELL", choices=_SHELLS),
    Option(("--answer",), "answer", "", default=False),
)
def command(settings: Settings, *, words: tuple[str, ...], answer: bool) -> None:
    """Print the script that completes verbs, options and their values in SHELL: bash, zsh or fish.

    Bash reads it with 'source <(system-manager completion bash)' in ~/.bashrc, zsh with the same and 'zsh' in
    ~/.zshrc behind 'compinit', fish with 'system-manager completion fish | source' in ~/.config/fish/config.fish.
    """
    if answer and len(words) > 1:
        from system_manager.cli.completion.words import complete

        # The script asks: the shell's name, then the words up to the cursor.
        shell, *typed = words
        sys.stdout.write(str(complete(shell, typed)))
        return
    if len(words) != 1 or words[0] not in _SHELLS:
        raise UsageError("one shell is wanted", hint=f"it is one of {', '.join(_SHELLS)}")
    script = (resources.files("system_manager.cli") / "completion/shells" / words[0]).read_text("utf-8")
    if settings.json:
        import json

        script = json.dumps({"shell": words[0], "script": script}) + "\n"
    sys.stdout.write(script)
