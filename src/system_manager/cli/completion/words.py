"""From the words of an unfinished command line to what the last of them may become.

Everything is read from the verbs and options themselves; the shells' scripts only ask.
"""

from __future__ import annotations

import shlex

from system_manager.base.enumerations import Enum
from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.base.type_hints import Iterable, Sequence, TypeAlias
from system_manager.cli.command_line import Argument, MissingArgumentError, Operands, Option, Reader, Verb
from system_manager.cli.main import OPTIONS, VERBS, find_verb, shared_options
from system_manager.cli.places import profile_directory
from system_manager.cli.settings import Settings

_CUTS_WORDS = "bash"


class Kind(Enum):
    """Who knows the candidates: this program, or the shell that completes files anyway."""

    WORDS = "words"
    FILES = "files"
    DIRECTORIES = "directories"


@record(frozen=True)
class Candidate:
    """A text that the word may become, and what it stands for."""

    text: str
    description: str = ""


@record(frozen=True)
class Answer:
    """What a word may become.

    :ivar offset: how many characters of the word are not part of it, as ``--file=`` of ``--file=sys``.
    """

    kind: Kind
    candidates: tuple[Candidate, ...] = ()
    offset: int = 0

    def __str__(self) -> str:
        """The kind and the offset on the first line, then a candidate on each, a tabulator before its description."""
        lines = [f"{self.kind.value} {self.offset}"]
        lines += [f"{candidate.text}\t{candidate.description}" for candidate in self.candidates]
        return "".join(f"{line}\n" for line in lines)


NOTHING = Answer(Kind.WORDS)
_FILES = Answer(Kind.FILES)
_ARGUMENTS = {Argument.FILE: _FILES, Argument.DIRECTORY: Answer(Kind.DIRECTORIES)}

Taker: TypeAlias = Option | Operands


def rejoin(words: Sequence[str]) -> list[str]:
    """The words of bash as other shells give them: not cut at equals signs and colons, and without quotes."""
    joined: list[str] = []
    glue = False
    for word in words:
        separator = bool(word) and not word.strip("=:")
        if joined and (glue or separator):
            joined[-1] += word
        else:
            joined.append(word)
        glue = separator
    return [_unquoted(word) for word in joined]


def _unquoted(word: str) -> str:
    try:
        return "".join(shlex.split(word))
    except ValueError:  # a quote is open yet
        return word


def complete(shell: str, words: Sequence[str]) -> Answer:
    """What the last of these words may become; the program's name is not among them."""
    *before, current = rejoin(words) if shell == _CUTS_WORDS else words
    try:
        return _Line(before).complete(current)
    except SystemManagerError:
        return NOTHING  # what stands before is wrong, and whoever presses Enter is told


class _Line:
    """What stands before the word under the cursor. Raises :class:`UsageError` where that is wrong."""

    def __init__(self, words: Sequence[str]) -> None:
        self.settings = Settings()
        self.verb: Verb | None = None
        self.options: Sequence[Option] = OPTIONS
        self.reader, self.pending = self._read(words, stop=True)
        if self.reader.operands:
            name, *rest = self.reader.operands
            self.verb = find_verb(name)
            self.options = (*self.verb.options, *shared_options(self.verb))
            self.reader, self.pending = self._read(rest)

    def _read(self, words: Sequence[str], *, stop: bool = False) -> tuple[Reader, MissingArgumentError | None]:
        reader = Reader(self.options, words)
        pending = None
        try:
            reader.read(stop=stop)
        except MissingArgumentError as error:
            pending = error
        self.settings.take(reader.given)
        return reader, pending

    def complete(self, current: str) -> Answer:
        if self.pending is not None:
            return self._argument(self.pending.option, current, self.pending.arguments)
        if not self.reader.only_operands and current.startswith("-"):
            name, separator, value = current.partition("=")
            if not separator:
                return Answer(Kind.WORDS, tuple(self._names(current)))
            option = next((option for option in self.options if name in option.names and option.metavar), None)
            if option is None:
                return NOTHING
            answer = self._argument(option, value, ())
            return Answer(answer.kind, answer.candidates, len(name) + 1 + answer.offset)
        if self.verb is None:
            return _matching(current, (Candidate(name, find_verb(name).summary) for name in VERBS))
        operands = self.verb.operands
        if operands is None or (operands.limit is not None and len(self.reader.operands) >= operands.limit):
            return NOTHING
        return self._argument(operands, current, ())

    def _names(self, current: str) -> Iterable[Candidate]:
        """Names of options that are not given yet: those that help shows, or else those that begin like this."""
        free = [option for option in self.options if option.many or option.key not in self.reader.given]
        for hidden in (False, True):
            found = [
                Candidate(name, option.help)
                for option in free
                if hidden is not bool(option.help)
                for name in option.names
                if name.startswith(current) and (name.startswith("--") or current != "-")
            ]
            if found:
                return found
        return ()

    def _argument(self, taker: Taker, current: str, before: Sequence[str]) -> Answer:
        if taker.choices:
            return _matching(current, map(Candidate, taker.choices))
        match taker.argument:
            case Argument.FILE | Argument.DIRECTORY:
                return _ARGUMENTS[taker.argument]
            case Argument.SEARCH_PATH:
                return Answer(Kind.FILES, (), len(current) - len(current.rpartition("=")[2]))
            case Argument.SETTING:
                return _matching(current, _settings(before))
            case Argument.GENERATION:
                return _matching(current, _generations(self.settings))
            case Argument.ATTRIBUTE if self.verb is not None:
                from system_manager.cli.completion.attributes import attribute_paths

                arguments = self.verb.arguments(self.reader.given, self.reader.operands)
                return Answer(Kind.WORDS, tuple(map(Candidate, attribute_paths(current, arguments, self.settings))))
        return NOTHING


def _matching(current: str, candidates: Iterable[Candidate]) -> Answer:
    return Answer(Kind.WORDS, tuple(candidate for candidate in candidates if candidate.text.startswith(current)))


def _settings(before: Sequence[str]) -> Iterable[Candidate]:
    from system_manager.cli.language_settings import NAMES, SWITCHES

    if before:
        return map(Candidate, ("true", "false") if before[0] in SWITCHES else ())
    return (Candidate(name, SWITCHES.get(name, "")) for name in sorted(NAMES))


def _generations(settings: Settings) -> Iterable[Candidate]:
    from system_manager.generation.profile import Profile

    generations = Profile(profile_directory(settings)).generations()
    for generation in reversed(generations):
        current = ", current" if generation.current else ""
        yield Candidate(str(generation.number), f"{generation.made:%Y-%m-%d %H:%M:%S}{current}")
