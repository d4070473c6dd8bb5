"""Random programs over the whole grammar, most of them of sound types, some not.

A program is a tree, so that it can be made smaller: every subtree may be replaced by one of its own subtrees or by
something trivial. The generator asks only a :class:`random.Random`, so a seed is a program and hypothesis can choose.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.language.fuzzing.vocabulary import ATOMS, BINARY, BUILTINS, CALLBACKS, NAMES, SPECIAL_ATTRIBUTES

KINDS = ("int", "float", "bool", "null", "string", "path", "list", "set", "function")


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of program text with expressions in it.

    :param parts: text and expressions in order; an expression stands where any other may stand.
    """

    parts: tuple[str | Node, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def descendants(self) -> Iterator[Node]:
        """Every expression inside, the outer ones first."""
        for part in self.parts:
            if isinstance(part, Node):
                yield part
                yield from part.descendants()

    def smaller(self) -> Iterator[Node]:
        """Programs with one expression replaced by a part of it or by a trivial one, the boldest first."""
        yield from self.descendants()
        yield from (leaf for leaf in _LEAVES if len(str(leaf)) < len(str(self)))
        for index, part in enumerate(self.parts):
            if isinstance(part, Node):
                before, after = self.parts[:index], self.parts[index + 1 :]
                yield from (Node((*before, replacement, *after)) for replacement in part.smaller())


def leaf(text: str) -> Node:
    return Node((text,))


_LEAVES = tuple(map(leaf, ("1", "{ }", "[ ]", '""')))


def generate(source: random.Random, size: int = 5) -> Node:
    """A program. ``size`` bounds how deeply expressions nest."""
    return _Generator(source).expression("any", size)


class _Generator:
    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._wildness = source.choice((0.0, 0.0, 0.3, 0.3, 1.0))  # how much of it is nonsense
        self._scope: list[tuple[str, str]] = []
        self._dynamic = 0  # sets of "with" around here: without them, an unbound name spoils the whole program

    # What stands where a value of some kind is wanted

    def expression(self, kind: str, depth: int) -> Node:
        """An expression that mostly has values of this kind."""
        if kind in CALLBACKS:
            return self._callback(kind, depth)
        if kind == "any" or (kind in KINDS and self._slips(0.05)):
            kind = self._random.choice(KINDS)
        if kind not in KINDS or depth <= 0 or self._chance(0.1):
            return self._atom(kind)
        forms = (self._literal, self._builtin, self._operation, self._construct, self._select, self._call)
        form = self._random.choices(forms, (5, 6, 4, 4, 2, 2))[0]
        return self._bracketed(form(kind, depth - 1))

    def _bracketed(self, node: Node) -> Node:
        # Without them, precedence decides, and sometimes makes nonsense.
        return node if self._slips(0.2) else Node(("(", node, ")"))

    def _atom(self, kind: str) -> Node:
        names = [name for name, of in self._scope if of == kind or of == "any"]
        if names and self._chance(0.6):
            return leaf(self._random.choice(names))
        if self._chance(0.2) and self._dynamic:
            return leaf(self._random.choice(NAMES))
        if self._slips(0.003):
            return leaf(self._random.choice(NAMES))
        if self._slips(0.03):
            return leaf(self._random.choice(('(throw "t")', "(assert false; 1)", '(abort "q")', "({ }.missing)")))
        return leaf(self._random.choice(ATOMS[kind]))

    # Literals

    def _literal(self, kind: str, depth: int) -> Node:
        if kind == "list":
            of = self._random.choice((*KINDS, "any", "any"))
            count = self._random.choice((0, 1, 1, 2, 2, 3, 5))
            return self._joined("[ ", [self._element(of, depth) for _ in range(count)], " ]")
        if kind == "set":
            return self._set(depth)
        if kind == "function":
            return self._function(depth, "any")
        if kind == "string":
            return self._string(depth)
        if kind == "path" and depth > 0:
            # A line end in a path would be printed as such, and one line is one value.
            name = Node(('builtins.replaceStrings [ "\\n" ] [ "" ] (', self.expression("string", depth), ")"))
            return Node((self._random.choice(("./p-${", "/none/${", "~/${")), name, "}"))
        return self._atom(kind)

    def _element(self, kind: str, depth: int) -> Node:
        node = self.expression(kind, depth)
        return node if self._slips(0.1) else Node(("(", node, ")"))

    def _joined(self, before: str, nodes: list[Node], after: str) -> Node:
        parts: list[str | Node] = [before]
        for node in nodes:
            parts += [node, " "]
        return Node((*parts, after))

    def _string(self, depth: int) -> Node:
        quote = self._random.choice(('"', '"', "''"))
        parts: list[str | Node] = [quote]
        for _ in range(self._random.randrange(1, 4)):
            if self._chance(0.6):
                parts += ["${", self.expression(self._random.choice(("string", "string", "set", "any")), depth), "}"]
            texts = ("a", " ", "\n  ", "\n", "$", "b\n    c", "ä", "''$" if quote == "''" else "\\$", "\t", "'")
            parts.append(self._random.choice(texts))
        return Node((*parts, quote))

    def _set(self, depth: int) -> Node:
        recursive = self._chance(0.25)
        names = self._names(self._random.choice((0, 1, 1, 2, 2, 3, 5)))
        inner = [(name, self._kind()) for name in names]
        outer = len(self._scope)
        if recursive:
            self._scope += inner
        bindings = [self._binding(name, kind, depth) for name, kind in inner]
        if self._chance(0.12):
            name, kind = self._random.choice(SPECIAL_ATTRIBUTES)
            bindings.append(Node((f"{name} = ", self.expression(kind, depth), ";")))
        if self._chance(0.15):
            bindings.append(self._inherit(depth))
        del self._scope[outer:]
        self._random.shuffle(bindings)
        return self._joined("rec { " if recursive else "{ ", bindings, "}")

    def _binding(self, name: str, kind: str, depth: int) -> Node:
        value = self.expression(kind, depth)
        shape = self._random.random()
        if shape < 0.7:
            return Node((f"{name} = ", value, ";"))
        if shape < 0.8:
            return Node((f"{name}.{self._random.choice(NAMES)} = ", value, ";"))
        if shape < 0.87:
            return Node((f'"{name}" = ', value, ";"))
        if shape < 0.94:
            return Node(
                ("${", self.expression(self._random.choice(("string", "string", "null")), 1), "} = ", value, ";")
            )
        return Node((f"{name}.${{", self.expression("string", 1), "} = ", value, ";"))

    def _inherit(self, depth: int) -> Node:
        names = " ".join(self._names(self._random.choice((1, 2))))
        if self._chance(0.5):
            return Node(("inherit (", self.expression("set", depth), f") {names};"))
        bound = [name for name, _ in self._scope] + list(NAMES) * bool(self._dynamic)
        return leaf(f"inherit {self._random.choice(bound) if bound else ''};")

    # Functions

    def _function(self, depth: int, result: str, parameters: int = 1) -> Node:
        outer = len(self._scope)
        parts: list[str | Node] = []
        for _ in range(parameters):
            parts += self._parameter(depth)
        parts.append(self.expression(result, depth))
        del self._scope[outer:]
        return Node(tuple(parts))

    def _parameter(self, depth: int) -> list[str | Node]:
        name = self._random.choice(NAMES)
        if self._chance(0.6):
            self._scope.append((name, "any"))
            return [f"{name}: "]
        formals = self._names(self._random.choice((0, 1, 2, 2, 3)))
        whole = self._random.choice(("", "", f"{name}@"))
        self._scope += [(formal, "any") for formal in formals]
        parts: list[str | Node] = [f"{whole}{{ "]
        for index, formal in enumerate(formals):
            parts.append(", " + formal if index else formal)
            if self._chance(0.5):
                parts += [" ? ", self.expression("any", depth - 1)]
        if self._chance(0.4):
            parts.append(", ..." if formals else "...")
        if whole:
            self._scope.append((name, "set"))
        return [*parts, " }: "]

    def _callback(self, kind: str, depth: int) -> Node:
        if self._chance(0.12):
            return self.expression("function", depth - 1)
        parameters, result = CALLBACKS[kind]
        outer = len(self._scope)
        parts: list[str | Node] = ["("]
        for number, of in enumerate(parameters):
            name = f"{'xyz'[number]}"
            self._scope.append((name, of))
            parts.append(f"{name}: ")
        parts += [self.expression(result, depth - 1), ")"]
        del self._scope[outer:]
        return Node(tuple(parts))

    def _call(self, kind: str, depth: int) -> Node:
        if self._chance(0.5):
            return Node(("(", self._function(depth, kind), ") ", self.expression("any", depth)))
        return Node((self.expression("function", depth), " ", self.expression("any", depth)))

    def _builtin(self, kind: str, depth: int) -> Node:
        template = self._random.choice(BUILTINS[kind])
        if self._slips(0.04):
            template = template[:-2]
        parts = [self.expression(part, depth) if index % 2 else part for index, part in enumerate(template)]
        return Node(("(", Node(tuple(parts)), ")"))

    # Operators and keywords

    def _operation(self, kind: str, depth: int) -> Node:
        if kind == "bool" and self._chance(0.3):
            return Node((self.expression("set", depth), " ? ", self._random.choice(NAMES)))
        if kind in ("int", "float", "bool") and self._chance(0.2):
            return Node(("!" if kind == "bool" else "-", self.expression(kind, depth)))
        choices = BINARY.get(kind)
        if not choices:
            return self._construct(kind, depth)
        left, operator, right = self._random.choice(choices)
        if left == "same":
            left = right = self._kind()
        return Node((self.expression(left, depth), f" {operator} ", self.expression(right, depth)))

    def _construct(self, kind: str, depth: int) -> Node:
        form = self._random.randrange(5)
        if form == 0:
            condition = self.expression("bool", depth)
            return Node(
                ("if ", condition, " then ", self.expression(kind, depth), " else ", self.expression(kind, depth))
            )
        if form == 1:
            return Node(("assert ", self.expression("bool", depth), "; ", self.expression(kind, depth)))
        if form == 2:
            subject = self._set(depth)
            outer = len(self._scope)
            self._scope += [(name, "any") for name in NAMES if f"{name} = " in str(subject)]
            self._dynamic += 1
            body = self.expression(kind, depth)
            self._dynamic -= 1
            del self._scope[outer:]
            return Node(("with ", subject, "; ", body))
        return self._let(kind, depth)

    def _let(self, kind: str, depth: int) -> Node:
        names = self._names(self._random.choice((1, 1, 2, 3)))
        outer = len(self._scope)
        inner = [(name, self._kind()) for name in names]
        self._scope += inner
        bindings = [
            Node((f"{name} = ", self.expression(of, depth), "; "))
            if self._chance(0.9)
            else Node(("inherit (", self.expression("set", depth), f") {name}; "))
            for name, of in inner
        ]
        body = self.expression(kind, depth)
        del self._scope[outer:]
        return Node(("let ", *bindings, "in ", body))

    def _select(self, kind: str, depth: int) -> Node:
        path: list[str | Node] = []
        for _ in range(self._random.choice((1, 1, 1, 2))):
            shape = self._random.random()
            if shape < 0.8:
                path.append(f".{self._random.choice(NAMES)}")
            elif shape < 0.9:
                path.append(f'."{self._random.choice(NAMES)}"')
            else:
                path += [".${", self.expression("string", 1), "}"]
        default: tuple[str | Node, ...] = (" or ", self.expression(kind, depth)) if self._chance(0.7) else ()
        return Node((self.expression("set", depth), *path, *default))

    # Chance

    def _slips(self, probability: float) -> bool:
        return self._random.random() < probability * self._wildness

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _kind(self) -> str:
        return self._random.choice((*KINDS, "int", "string", "list", "set", "set"))

    def _names(self, count: int) -> list[str]:
        return self._random.sample(NAMES, min(count, len(NAMES)))
