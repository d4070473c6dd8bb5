"""The errors of programs in the Nix language, and how they are shown.

An error says what went wrong, where, and through which places evaluation came there. Nothing is recorded while a
program runs well: :mod:`system_manager.language.explain` finds the places afterwards, in the Python traceback.
"""

from __future__ import annotations

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.base.type_hints import Iterable, Sequence
from system_manager.language.source import Position

_SHOWN_FRAMES = 4
_INDENT = " " * 7


@record(frozen=True)
class Frame:
    """One step of the way to an error.

    :param note: what evaluation was doing, e.g. ``while calling 'f'``.
    :param position: where, if it is known.
    :param important: shown even where traces are cut short (``builtins.addErrorContext``).
    """

    note: str
    position: Position | None = None
    important: bool = False


class EvaluationError(SystemManagerError):
    """A program cannot be evaluated.

    :param what: the message, without ``error:``.
    :param position: the place at fault; found from the traceback where it is not given.
    :param note: what was being evaluated, for the innermost frame, e.g.
        ``while evaluating the first argument passed to builtins.map``.
    :param suggestions: names the user may have meant, best first.
    """

    def __init__(
        self,
        what: str,
        *,
        position: Position | None = None,
        note: str | None = None,
        suggestions: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(what, hint=hint)
        self.position = position
        self.note = note
        self.suggestions = tuple(suggestions)
        self.frames: tuple[Frame, ...] = ()
        self.contexts: list[str] = []
        self.explained = False

    def add_context(self, text: str) -> None:
        """Remember a note of ``builtins.addErrorContext``; called while the error passes it on its way out."""
        self.contexts.append(text)

    def render(self, *, show_trace: bool = False) -> str:
        """The whole message as text for a terminal, in Nix's layout.

        :param show_trace: show every frame instead of the outermost few.
        """
        frames, cut = _select_frames(self.frames, show_trace)
        blocks = [_render_place(f"… {frame.note}", frame.position, _INDENT + "  ") for frame in frames]
        if cut:
            blocks.append("(stack trace truncated; use '--show-trace' to show the full, detailed trace)")
        blocks.append(_render_place(f"error: {self.what}", self.position, _INDENT) + self._advice())
        if len(blocks) == 1:
            return blocks[0]
        return "\n\n".join(["error:\n" + _indented(blocks[0]), *map(_indented, blocks[1:])])

    def __str__(self) -> str:
        return self.render()

    def _advice(self) -> str:
        lines = []
        if self.suggestions:
            lines.append(f"Did you mean {_alternatives(self.suggestions)}?")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "".join(f"\n{_INDENT if self.position else ''}{line}" for line in lines)


class NixSyntaxError(EvaluationError):
    """The text is not a program.

    :param notes: other places that explain it, such as the brace that is still open: what is there, and where.
    """

    def __init__(
        self, what: str, position: Position, *, notes: Sequence[tuple[str, Position]] = (), hint: str | None = None
    ) -> None:
        super().__init__(what, position=position, hint=hint)
        self.notes = tuple(notes)

    def _advice(self) -> str:
        notes = "".join(f"\n\n{_INDENT}{_render_place(note, position, _INDENT)}" for note, position in self.notes)
        return notes + super()._advice()


class UndefinedVariableError(EvaluationError):
    """A name is bound nowhere."""


class MissingAttributeError(EvaluationError):
    """A set lacks the attribute that was selected."""


class MissingArgumentError(EvaluationError):
    """A function was called without an argument that it requires."""


class UnexpectedArgumentError(EvaluationError):
    """A function was called with an argument that it does not take."""


class EvaluationTypeError(EvaluationError):
    """A value has the wrong type for what is done with it."""


class ArithmeticOverflowError(EvaluationError):
    """An integer does not fit in 64 bits, or a divisor is zero."""


class AssertionFailedError(EvaluationError):
    """``assert`` found its condition false; ``builtins.tryEval`` catches it."""


class ThrownError(EvaluationError):
    """``builtins.throw`` was called; ``builtins.tryEval`` catches it."""


class AbortError(EvaluationError):
    """``builtins.abort`` was called."""


class InfiniteRecursionError(EvaluationError):
    """A value is needed to compute itself.

    :ivar passed: every place that was being evaluated, the innermost last: the mistake may be at any of them.
    """

    passed: tuple[Position, ...] = ()


class StackOverflowError(EvaluationError):
    """Calls or values are nested more deeply than the evaluator allows."""


def calls_too_deep() -> StackOverflowError:
    """The error for more nested calls than ``max-call-depth`` allows."""
    return StackOverflowError(
        "stack overflow; max-call-depth exceeded",
        hint="look for a function that calls itself without end, or raise max-call-depth",
    )


class InternalError(EvaluationError):
    """The evaluator itself is at fault; the Python exception is its ``__cause__``."""


def _select_frames(frames: Sequence[Frame], show_trace: bool) -> tuple[list[Frame], bool]:
    if show_trace:
        return list(frames), False
    shown = [frame for index, frame in enumerate(frames) if index < _SHOWN_FRAMES or frame.important]
    return shown, len(shown) < len(frames)


def show_place(text: str, position: Position) -> str:
    """The text with a place and its line below, for messages that are no errors."""
    return _render_place(text, position, _INDENT)


def _render_place(text: str, position: Position | None, indent: str) -> str:
    if position is None:
        return text
    excerpt = "\n".join(f"{_INDENT}   {line}" for line in position.excerpt().splitlines())
    return f"{text}\n{indent}at {position}:\n{excerpt}"


def _indented(block: str) -> str:
    first, *rest = block.split("\n")
    return "\n".join([_INDENT + first, *rest])


def _alternatives(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return (
        f"{', '.join(names[:-1])} or {names[-1]}"
        if len(names) == 2
        else f"one of {', '.join(names[:-1])} or {names[-1]}"
    )


def suggest_names(name: str, candidates: Iterable[str], *, limit: int = 3, distance: int = 2) -> tuple[str, ...]:
    """The names most like ``name``: at most ``limit``, at most ``distance`` edits away, best first."""
    found = []
    for candidate in candidates:
        if abs(len(candidate) - len(name)) <= distance:
            edits = _edit_distance(name, candidate)
            if edits <= distance:
                found.append((edits, candidate))
    return tuple(candidate for _, candidate in sorted(found)[:limit])


def _edit_distance(left: str, right: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other."""
    before_last: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]
