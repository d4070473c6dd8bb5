"""What verbs take, and reading it from the command line.

Arguments are read as GNU programs read them: options and operands in any order, ``--name=value``, ``-abVALUE``, and
only operands after ``--``. A value may begin with a dash, as programs do: ``--expr -1``.
"""

from __future__ import annotations

from system_manager.base.enumerations import Enum
from system_manager.base.errors import UsageError
from system_manager.base.records import record
from system_manager.base.type_hints import Any, Callable, Mapping, Sequence, TypeAlias

HELP = "help"
"""The key of the option that asks for help."""


class Argument(Enum):
    """What an argument means, for shells that complete it."""

    TEXT = "text"
    FILE = "file"
    DIRECTORY = "directory"
    SEARCH_PATH = "search path"
    ATTRIBUTE = "attribute"
    GENERATION = "generation"
    SETTING = "setting"


@record(frozen=True)
class Option:
    """An option.

    :param names: as they are written, the dashes included.
    :param key: the name of its value.
    :param help: what it does; empty for an option that is not shown.
    :param metavar: its arguments, one word each; empty for a flag.
    :param convert: makes the value of an argument; raises :class:`ValueError` with the reason, for instance
        "'x' is not a number".
    :param constant: the value of a flag.
    :param default: the value where the option is not given.
    :param many: it may be given more than once, and its value is a tuple.
    :param argument: what its arguments mean; the first of them where there are more.
    :param choices: all that its argument can be, if that is a few words.
    """

    names: tuple[str, ...]
    key: str
    help: str
    metavar: str = ""
    convert: Callable[[str], object] = str
    constant: object = True
    default: object = None
    many: bool = False
    argument: Argument = Argument.TEXT
    choices: tuple[str, ...] = ()


@record(frozen=True)
class Group:
    """Options whose values make one.

    :param key: the name of that value.
    :param make: gets the values of the options by their keys.
    """

    key: str
    make: Callable[..., object]
    options: tuple[Option, ...]


@record(frozen=True)
class Operands:
    """What a verb takes besides options, as a tuple.

    :param limit: how many at most; None for any number.
    :param argument: what each of them means.
    :param choices: all that each can be, if that is a few words.
    """

    key: str
    metavar: str
    limit: int | None = None
    argument: Argument = Argument.TEXT
    choices: tuple[str, ...] = ()


Parameter: TypeAlias = Option | Group | Operands


@record(frozen=True)
class Verb:
    """A subcommand.

    :param run: is called with the settings, and with a value for the key of every parameter. Its documentation
        string is the text of the help.
    :param summary: one line for the list of all verbs.
    """

    run: Callable[..., int | None]
    summary: str
    parameters: tuple[Parameter, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        """All options, those of groups included."""
        options: list[Option] = []
        for parameter in self.parameters:
            if isinstance(parameter, Group):
                options += parameter.options
            elif isinstance(parameter, Option):
                options.append(parameter)
        return tuple(options)

    @property
    def operands(self) -> Operands | None:
        """What it takes besides options."""
        return next((parameter for parameter in self.parameters if isinstance(parameter, Operands)), None)

    def arguments(self, given: Mapping[str, object], operands: Sequence[str]) -> dict[str, object]:
        """What ``run`` is called with, from the values that :func:`read_options` found."""
        arguments: dict[str, object] = {}
        for parameter in self.parameters:
            match parameter:
                case Option():
                    arguments[parameter.key] = given.get(parameter.key, parameter.default)
                case Group():
                    values = {option.key: given.get(option.key, option.default) for option in parameter.options}
                    arguments[parameter.key] = parameter.make(**values)
                case Operands():
                    arguments[parameter.key] = tuple(operands)
        limit = 0 if self.operands is None else self.operands.limit
        if limit is not None and len(operands) > limit:
            surplus = operands[limit:]
            raise UsageError(f"unexpected argument{'s' if len(surplus) > 1 else ''}: {' '.join(surplus)}")
        return arguments


def verb(summary: str, *parameters: Parameter) -> Callable[[Callable[..., int | None]], Verb]:
    """Make a function a verb."""
    return lambda function: Verb(function, summary, parameters)


def flag(name: str, help_text: str, *, key: str | None = None) -> Option:
    """An option without an argument; its value is whether it is given. The key follows from the name."""
    return Option((name,), key or name.lstrip("-").replace("-", "_"), help_text, default=False)


def named_file(text: str) -> str:
    """A conversion for options: a name, which an unset variable in a script is not."""
    if not text:
        raise ValueError("the name is empty")
    return text


_MOST_DIGITS = 10


def positive_number(text: str) -> int:
    """A conversion for options."""
    # int() also takes "1_0", " 1" and the digits of every alphabet.
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"'{text}' is not a number")
    if digits != text or not digits.strip("0"):
        raise ValueError(f"{text} is less than 1")
    if len(digits) > _MOST_DIGITS or int(digits) >= 1 << 31:
        raise ValueError(f"{text} is too large")
    return int(digits)


def seconds(text: str) -> float:
    """A conversion for options: a span of time, possibly none."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a number") from None
    if not 0 <= number < float("inf"):
        raise ValueError(f"{text} is not a span of time")
    return number


def some_seconds(text: str) -> float:
    """A conversion for options: a span of time in which something can happen."""
    number = seconds(text)
    if number == 0:
        raise ValueError(f"{text} seconds are no time for anything")
    return number


class MissingArgumentError(UsageError):
    """The command line ends where an option wants more.

    :ivar option: that option.
    :ivar arguments: those of its arguments that are there.
    """

    def __init__(self, name: str, option: Option, arguments: tuple[str, ...]) -> None:
        wanted = len(option.metavar.split())
        super().__init__(f"{name} requires {'an argument' if wanted == 1 else f'{wanted} arguments'}")
        self.option = option
        self.arguments = arguments


def read_options(
    options: Sequence[Option], arguments: Sequence[str], *, stop: bool = False
) -> tuple[dict[str, object], list[str]]:
    """The values of the options that are given, by key, and the operands.

    :param stop: the first operand and everything behind it are left as they are.
    :raises UsageError: for what is no option, and for missing or wrong arguments of one.
    """
    reader = Reader(options, arguments)
    reader.read(stop=stop)
    return reader.given, reader.operands


class Reader:
    """Reads a command line word by word; what was read before an error is kept.

    :ivar given: the values of options by key.
    :ivar operands: everything else.
    :ivar only_operands: ``--`` was read: no option follows.
    """

    def __init__(self, options: Sequence[Option], arguments: Sequence[str]) -> None:
        self.given: dict[str, Any] = {}
        self.operands: list[str] = []
        self.only_operands = False
        self._by_name = {name: option for option in options for name in option.names}
        self._rest = list(reversed(arguments))

    def read(self, *, stop: bool) -> None:
        """Read all words, or up to and with the first operand, behind which everything is left as it is."""
        while self._rest:
            argument = self._rest.pop()
            if argument == "--":
                self.only_operands = True
                break
            if argument.startswith("--"):
                self._long(argument)
            elif argument.startswith("-") and argument != "-":
                self._short(argument[1:])
            else:
                self.operands.append(argument)
                if stop:
                    break
        self.operands += self._rest[::-1]

    def _long(self, argument: str) -> None:
        name, separator, value = argument.partition("=")
        option = self._find(name)
        if separator:
            if not option.metavar:
                raise UsageError(f"{name} takes no argument")
            self._rest.append(value)
        self._take(name, option)

    def _short(self, letters: str) -> None:
        while letters:
            name, letters = f"-{letters[0]}", letters[1:]
            option = self._find(name)
            if option.metavar and letters:
                self._rest.append(letters)
                letters = ""
            self._take(name, option)

    def _find(self, name: str) -> Option:
        option = self._by_name.get(name)
        if option is None:
            import difflib

            close = difflib.get_close_matches(name, self._by_name, n=1)
            raise UsageError(f"there is no option {name}{f'; did you mean {close[0]}?' if close else ''}")
        return option

    def _take(self, name: str, option: Option) -> None:
        value: Any = option.constant
        if option.metavar:
            wanted = len(option.metavar.split())
            if len(self._rest) < wanted:
                raise MissingArgumentError(name, option, tuple(reversed(self._rest)))
            values = tuple(self._convert(name, option, self._rest.pop()) for _ in range(wanted))
            value = values[0] if wanted == 1 else values
        if option.many:
            value = (*self.given.get(option.key, ()), value)
        self.given[option.key] = value

    def _convert(self, name: str, option: Option, text: str) -> object:
        try:
            return option.convert(text)
        except ValueError as error:
            raise UsageError(f"wrong argument of {name}: {error}") from None
