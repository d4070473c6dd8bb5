"""Derivations: the record, and the text form of ``.drv`` files.

The text form is an ATerm, ``Derive([outputs],[input derivations],[input sources],platform,builder,[args],[env])``;
Nix manual, "Derivation store path ATerm format". It is hashed, so it is written byte for byte as Nix does.
"""

from __future__ import annotations

from system_manager.base.records import field, record
from system_manager.base.type_hints import Callable, Iterator, Mapping, Sequence, TypeVar
from system_manager.store.addressing import ContentAddress, IngestionMethod, make_text_path
from system_manager.store.errors import InvalidDerivationError, InvalidHashError, InvalidStorePathError
from system_manager.store.hashing import Hash, HashAlgorithm, hash_bytes
from system_manager.store.paths import DERIVATION_EXTENSION, StorePath

_T = TypeVar("_T")

STRUCTURED_ATTRIBUTES = "__json"
"""The environment variable that holds all attributes as JSON when ``__structuredAttrs`` is set."""

_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_UNESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_STRING = r'(?s)"([^"\\]*(?:\\.[^"\\]*)*)"'
_ESCAPED = r"(?s)\\(.)"


@record(frozen=True)
class Output:
    """One output of a derivation.

    :ivar path: where it will be; None until :func:`.modulo.fill_output_paths` has run.
    :ivar content: what it must be, for a fixed-output derivation.
    """

    path: StorePath | None = None
    content: ContentAddress | None = None


@record(frozen=True)
class Derivation:
    """How to make store paths from store paths.

    :ivar name: the derivation's name, without ``.drv``. Not part of the text form.
    :ivar outputs: by output name, at least one.
    :ivar input_derivations: the outputs that are wanted of each.
    :ivar platform: e.g. ``x86_64-linux``, or ``builtin``.
    :ivar builder: an absolute path, or ``builtin:<name>``.
    """

    name: str
    outputs: Mapping[str, Output]
    platform: str
    builder: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    input_derivations: Mapping[StorePath, frozenset[str]] = field(default_factory=dict)
    input_sources: frozenset[StorePath] = frozenset()

    @property
    def is_fixed_output(self) -> bool:
        """Whether the content of the only output is known before the build."""
        for output in self.outputs.values():  # noqa: SIM110 -- asked for every derivation, several times
            if output.content is not None:
                return True
        return False

    @property
    def references(self) -> frozenset[StorePath]:
        """What the ``.drv`` file refers to: its input derivations and sources, not its outputs."""
        return self.input_sources.union(self.input_derivations)

    def output_path(self, output: str) -> StorePath:
        """Path of one output; raise :class:`InvalidDerivationError` when there is none of this name."""
        found = self.outputs.get(output)
        if found is None or found.path is None:
            raise InvalidDerivationError(
                f"derivation '{self.name}' does not have an output '{output}'",
                hint=f"its outputs are {', '.join(sorted(self.outputs))}",
            )
        return found.path

    def to_aterm(self) -> bytes:
        """The content of the ``.drv`` file."""
        return DerivationText(self, self.environment).around_inputs().with_inputs(print_inputs(self.input_derivations))


class DerivationText:
    """The text form of one derivation, as far as its variants have it in common.

    Adding a derivation takes three of them, see :mod:`.modulo`: they differ in what stands for the inputs and in the
    paths of the outputs, while most of the text is the environment.

    :param environment: in place of the derivation's; has a variable for every output whose path is to be put in.
    """

    __slots__ = ("_middle", "_names", "_outputs", "_variables")

    def __init__(self, derivation: Derivation, environment: Mapping[str, str]) -> None:
        self._outputs = derivation.outputs
        self._names = names = _sorted(environment)
        # All at once, as most texts are short and have nothing to escape.
        arguments = _escape_all([derivation.platform, derivation.builder, *derivation.arguments])
        values = _escape_all([*names, *[environment[name] for name in names]])
        count = len(names)
        self._variables = [f'("{name}","{value}")' for name, value in zip(values[:count], values[count:], strict=True)]
        sources = sorted([str(path) for path in derivation.input_sources])
        self._middle = f'{_print_list(sources)},"{arguments[0]}","{arguments[1]}",{_print_list(arguments[2:])}'

    def around_inputs(self, paths: Mapping[str, str] | None = None) -> AroundInputs:
        """The text but for the inputs.

        :param paths: what stands for the path of every output instead of what the derivation says.
        """
        variables = self._variables
        if paths is not None:
            variables = variables.copy()
            for name, path in paths.items():
                variables[self._names.index(name)] = f'("{name}","{path}")'
        outputs = self._outputs
        printed = [
            _print_output(name, outputs[name], None if paths is None else paths[name])
            for name in (_sorted(outputs) if len(outputs) > 1 else outputs)
        ]
        return AroundInputs(f"Derive([{','.join(printed)}],", f",{self._middle},[{','.join(variables)}])")


class AroundInputs:
    """What stands before and after the input derivations in the text form."""

    __slots__ = ("_after", "_before")

    def __init__(self, before: str, after: str) -> None:
        self._before = before
        self._after = after

    def with_inputs(self, inputs: str) -> bytes:
        """The whole text, for inputs as :func:`print_inputs` prints them."""
        return f"{self._before}{inputs}{self._after}".encode("utf-8", "surrogateescape")


def print_inputs(inputs: Mapping[StorePath, frozenset[str]] | Mapping[str, frozenset[str]]) -> str:
    """Inputs as they stand in the text form, each by its path, or by the hash that stands for it."""
    wanted = {str(key): outputs for key, outputs in inputs.items()}
    return "[" + ",".join([f'("{key}",{_print_list(sorted(wanted[key]))})' for key in sorted(wanted)]) + "]"


def derivation_path(derivation: Derivation) -> StorePath:
    """Store path of the ``.drv`` file."""
    content_hash = hash_bytes(HashAlgorithm.SHA256, derivation.to_aterm())
    return make_text_path(derivation.name + DERIVATION_EXTENSION, content_hash, derivation.references)


def derivation_name(path: StorePath) -> str:
    """The derivation's name from the path of its file; raise :class:`InvalidDerivationError`."""
    if not path.is_derivation:
        raise InvalidDerivationError(f"store path '{path}' is not a valid derivation path")
    return path.name[: -len(DERIVATION_EXTENSION)]


def _sorted(names: Mapping[str, object]) -> list[str]:
    # Nix sorts bytes. Code points sort the same way, but for the surrogates that stand for undecodable bytes.
    if "".join(names).isascii():
        return sorted(names)
    return sorted(names, key=lambda name: name.encode("utf-8", "surrogateescape"))


def _escape(text: str) -> str:
    for character, escaped in _ESCAPES:
        if character in text:
            text = text.replace(character, escaped)
    return text


def _escape_all(texts: Sequence[str]) -> list[str]:
    """The texts as they stand between quotes."""
    # In one go, as most texts are short and have nothing to escape. No string of the language contains a null byte.
    escaped = _escape("\0".join(texts)).split("\0")
    return escaped if len(escaped) == len(texts) else [_escape(text) for text in texts]


def _print_list(items: Sequence[str]) -> str:
    joined = '","'.join(items)
    return f'["{joined}"]' if items else "[]"


def _print_output(name: str, output: Output, path: str | None) -> str:
    if path is None:
        path = "" if output.path is None else str(output.path)
    if output.content is None:
        return f'("{name}","{path}","","")'
    algorithm = output.content.method.value + output.content.hash.algorithm.value
    return f'("{name}","{path}","{algorithm}","{output.content.hash.base16}")'


def parse_derivation(data: bytes, name: str) -> Derivation:
    """Read the content of a ``.drv`` file.

    :param name: the derivation's name, which the content does not say; see :func:`derivation_name`.

    Raises :class:`InvalidDerivationError`. Content-addressed, impure and dynamic derivations are experimental
    features of Nix and are refused.
    """
    parser = _Parser(data.decode("utf-8", "surrogateescape"), name)
    try:
        return parser.derivation()
    except (InvalidHashError, InvalidStorePathError) as error:
        raise InvalidDerivationError(f"derivation '{name}' is malformed: {error.what}") from None


class _Parser:
    """Reads one ATerm from left to right."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._offset = 0

    def derivation(self) -> Derivation:
        if self._text.startswith("DrvWithVersion("):
            raise InvalidDerivationError(
                f"derivation '{self._name}' depends on outputs of derivations that are made by derivations",
                hint="Nix's experimental feature 'dynamic-derivations' is not supported",
            )
        self._expect("Derive([")
        outputs = dict(self._items(self._output))
        self._expect(",[")
        input_derivations = dict(self._items(self._input_derivation))
        self._expect(",[")
        input_sources = frozenset(self._items(lambda: StorePath.parse(self._string())))
        self._expect(",")
        platform = self._string()
        self._expect(",")
        builder = self._string()
        self._expect(",[")
        arguments = tuple(self._items(self._string))
        self._expect(",[")
        environment = dict(self._items(self._pair))
        self._expect(")")
        if self._offset != len(self._text):
            raise self._malformed("unexpected text after its end")
        if not outputs:
            raise self._malformed("it has no outputs")
        return Derivation(
            self._name, outputs, platform, builder, arguments, environment, input_derivations, input_sources
        )

    def _malformed(self, what: str) -> InvalidDerivationError:
        return InvalidDerivationError(f"derivation '{self._name}' is malformed at byte {self._offset}: {what}")

    def _expect(self, text: str) -> None:
        if not self._text.startswith(text, self._offset):
            raise self._malformed(f"expected '{text}'")
        self._offset += len(text)

    def _items(self, item: Callable[[], _T]) -> Iterator[_T]:
        """The items of a list whose opening bracket has been read."""
        if self._text.startswith("]", self._offset):
            self._offset += 1
            return
        while True:
            yield item()
            if self._text.startswith("]", self._offset):
                self._offset += 1
                return
            self._expect(",")

    def _string(self) -> str:
        import re  # noqa: PLC0415 -- programs that read no derivation save it

        match = re.compile(_STRING).match(self._text, self._offset)
        if match is None:
            raise self._malformed("expected a string")
        self._offset = match.end()
        text = match.group(1)
        if "\\" in text:
            return re.sub(_ESCAPED, lambda found: _UNESCAPES.get(found.group(1), found.group(1)), text)
        return text

    def _pair(self) -> tuple[str, str]:
        self._expect("(")
        name = self._string()
        self._expect(",")
        value = self._string()
        self._expect(")")
        return name, value

    def _input_derivation(self) -> tuple[StorePath, frozenset[str]]:
        self._expect("(")
        path = StorePath.parse(self._string())
        self._expect(",[")
        wanted = frozenset(self._items(self._string))
        self._expect(")")
        return path, wanted

    def _output(self) -> tuple[str, Output]:
        self._expect("(")
        fields = [self._string()]
        for _ in range(3):
            self._expect(",")
            fields.append(self._string())
        self._expect(")")
        name, path, algorithm, digest = fields
        return name, Output(StorePath.parse(path) if path else None, self._content(name, algorithm, digest))

    def _content(self, output: str, algorithm: str, digest: str) -> ContentAddress | None:
        if not algorithm:
            if digest:
                raise self._malformed(f"output '{output}' has a hash without an algorithm")
            return None
        if not digest or digest == "impure":
            raise InvalidDerivationError(
                f"output '{output}' of derivation '{self._name}' is content-addressed",
                hint="Nix's experimental features 'ca-derivations' and 'impure-derivations' are not supported",
            )
        method = IngestionMethod.FLAT
        if algorithm.startswith(IngestionMethod.RECURSIVE.value):
            method, algorithm = IngestionMethod.RECURSIVE, algorithm[len(IngestionMethod.RECURSIVE.value) :]
        return ContentAddress(method, Hash.parse(digest, HashAlgorithm.parse(algorithm)))
