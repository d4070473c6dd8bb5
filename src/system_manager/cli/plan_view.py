"""Drawing a plan: what will be created, changed, removed, restarted, with unified diffs of text."""

from __future__ import annotations

from types import MappingProxyType

from rich.console import Console
from rich.text import Text

from system_manager.base.type_hints import Any, Iterable, Mapping, Sequence
from system_manager.cli.drawing import console
from system_manager.cli.settings import Settings
from system_manager.cli.text import visible

_HEADINGS = MappingProxyType(
    {
        "package": "Packages",
        "directory": "Files",
        "file": "Files",
        "unit": "Units",
        "user-unit": "Units of users",
        "user": "Accounts",
        "group": "Accounts",
        "command": "Commands",
        "generation": "Generation",
    }
)

_COLOURS = MappingProxyType(
    {
        "create": "green",
        "install": "green",
        "start": "green",
        "replace": "yellow",
        "restart": "yellow",
        "reload": "yellow",
        "restore": "cyan",
        "remove": "red",
        "stop": "red",
        "lock": "red",
        "unlock": "green",
    }
)

_DIFF_COLOURS = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


def print_plan(plan: Mapping[str, Any], settings: Settings) -> None:
    """Draw an engine's plan on standard output: steps in the order in which they are taken, then what to know."""
    output = console(settings)
    steps: Sequence[Mapping[str, Any]] = plan["steps"]
    heading = None
    width = max((len(step["action"]) for step in steps), default=0)
    for step in steps:
        its_heading = _HEADINGS.get(step["subject"], str(step["subject"]).capitalize())
        if its_heading != heading:
            heading = its_heading
            output.print(Text(heading, style="bold"), soft_wrap=True)
        _print_step(output, step, width)
    for option in plan["leftToDistribution"]:
        output.print(Text(f"left to the distribution: {visible(option)}", style="dim"), soft_wrap=True)
    for notice in plan["notices"]:
        output.print(Text(f"note: {visible(notice)}"), soft_wrap=True)
    for conflict in plan["conflicts"]:
        text = f"conflict: {visible(conflict['target'])}: {visible(conflict['why'])}"
        output.print(Text(text, style="bold red"), soft_wrap=True)
    output.print(Text(summary(steps), style="bold"), soft_wrap=True)


def _print_step(output: Console, step: Mapping[str, Any], width: int) -> None:
    line = Text("  ")
    line.append(step["action"].ljust(width), style=_COLOURS.get(step["action"], ""))
    line.append(f"  {visible(step['target'])}")
    if step.get("detail"):
        line.append(f"  {visible(step['detail'])}", style="dim")
    if step.get("reason"):
        line.append(f"  ({visible(step['reason'])})", style="italic")
    output.print(line, soft_wrap=True)
    for text in (step.get("diff") or "").splitlines():
        output.print(Text(f"      {visible(text)}", style=_diff_style(text)), soft_wrap=True)


def _diff_style(line: str) -> str:
    return next((style for prefix, style in _DIFF_COLOURS if line.startswith(prefix)), "dim")


def summary(steps: Iterable[Mapping[str, Any]]) -> str:
    """``Plan: 2 to create, 1 to restart.``, actions in the order of their first step."""
    counts: dict[str, int] = {}
    for step in steps:
        counts[step["action"]] = counts.get(step["action"], 0) + 1
    parts = [f"{count} to {action}" for action, count in counts.items()]
    return f"Plan: {', '.join(parts)}." if parts else "Nothing to change."
