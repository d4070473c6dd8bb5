"""What ``eval`` and ``instantiate`` are asked for, in a form that tells equal questions from others.

Nothing here needs an evaluator: the answer to a question that was asked before may be at hand.
"""

from __future__ import annotations

from system_manager.base.enumerations import Enum
from system_manager.base.records import record
from system_manager.base.type_hints import Mapping
from system_manager.language.source import Source


class Form(Enum):
    """How a value is printed."""

    NIX = "nix"
    JSON = "json"
    XML = "xml"
    XML_WITHOUT_PLACES = "xml without places"
    RAW = "raw"


@record(frozen=True)
class Request:
    """A program, the parts of its value that are wanted, and arguments for the functions on the way there.

    :ivar attributes: attribute paths; none stands for the value itself.
    :ivar expressions: arguments that are programs themselves.
    :ivar texts: arguments that are strings.
    """

    source: Source
    attributes: tuple[str, ...]
    expressions: Mapping[str, str]
    texts: Mapping[str, str]

    @property
    def paths(self) -> tuple[str, ...]:
        """The attribute paths, where the empty one stands for the value itself."""
        return self.attributes or ("",)

    def identity(self) -> tuple[str, ...]:
        """Texts that are equal for equal requests only."""
        source = self.source
        parts = (self.attributes, sorted(self.expressions.items()), sorted(self.texts.items()))
        return (source.text, source.name, source.directory, *map(repr, parts))

    def promises_members(self) -> bool:
        """Whether the program looks as if its value were a list or a set. A guess, from its last character."""
        return not self.attributes and self.source.text.rstrip()[-1:] in ("}", "]")
