"""Our enumerations do what those of the standard library do, as far as type checkers are told that they do."""

import enum

import pytest

from system_manager.base import enumerations


def _families(module):
    class Shade(module.Enum):
        """With a method, and something that is worked out of the value."""

        DARK = "dark"
        LIGHT = "light"
        _odd = "odd"

        def __init__(self, text):
            self.length = len(text)

        @classmethod
        def parse(cls, text):
            return cls(text.lower())

        @property
        def opposite(self):
            return Shade.LIGHT if self is Shade.DARK else Shade.DARK

    class Level(module.IntEnum):
        LOW = 1
        HIGH = 3

    return Shade, Level


OURS, THEIRS = _families(enumerations), _families(enum)

QUESTIONS = {
    "members in order": lambda shade, level: [[member.name for member in kind] for kind in (shade, level)],
    "values": lambda shade, level: [[member.value for member in kind] for kind in (shade, level)],
    "text": lambda shade, level: [str(shade.DARK), repr(shade.DARK), str(level.LOW), repr(level.LOW), f"{level.LOW}"],
    "looked up by value": lambda shade, level: [shade("light") is shade.LIGHT, level(3) is level.HIGH],
    "identity": lambda shade, _: [shade.DARK == shade.DARK, shade.DARK == shade.LIGHT, shade.DARK == "dark"],
    "equal to its number": lambda _, level: [level.LOW == 1, level.LOW < level.HIGH, level.LOW + 1, hash(level.LOW)],
    "is a number": lambda shade, level: [isinstance(level.LOW, int), isinstance(shade.DARK, int)],
    "true and false": lambda shade, level: [bool(shade.DARK), bool(level.LOW)],
    "of its class": lambda shade, _: [isinstance(shade.DARK, shade), type(shade.DARK) is shade],
    "key of a dict": lambda shade, _: {shade.DARK: 1, shade.LIGHT: 2}[shade("dark")],
    "methods": lambda shade, _: [shade.parse("DARK").name, shade.DARK.opposite.name, shade.LIGHT.length],
    "kept apart by match": lambda shade, _: [_match(shade, member) for member in shade],
}


def _match(shade, member):
    match member:
        case shade.DARK:
            return 1
        case shade.LIGHT:
            return 2


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_as_in_the_standard_library(question):
    assert question(*OURS) == question(*THEIRS)


@pytest.mark.parametrize(("family", "value"), [(0, "grey"), (0, None), (1, 2), (1, "1")])
def test_what_is_no_value_of_a_member_is_refused_alike(family, value):
    messages = []
    for kind in (OURS[family], THEIRS[family]):
        with pytest.raises(ValueError, match="is not a valid") as caught:
            kind(value)
        messages.append(str(caught.value).replace(kind.__qualname__, kind.__name__))
    assert messages[0] == messages[1]
