"""Python expressions for operators."""

from __future__ import annotations

from system_manager.language import syntax
from system_manager.language.codegen.expressions import LITERALS, ExpressionWriter, is_atom
from system_manager.language.codegen.sites import Site

Operator = syntax.Operator

_HELPERS = {
    Operator.ADD: "add",
    Operator.SUBTRACT: "subtract",
    Operator.MULTIPLY: "multiply",
    Operator.DIVIDE: "divide",
    Operator.CONCATENATE: "concatenate_lists",
}

_LOGICAL_SITES = {
    Operator.AND: (Site.LEFT_OF_AND, Site.RIGHT_OF_AND),
    Operator.OR: (Site.LEFT_OF_OR, Site.RIGHT_OF_OR),
    Operator.IMPLIES: (Site.LEFT_OF_IMPLIES, Site.RIGHT_OF_IMPLIES),
}

_ARITHMETIC = {Operator.ADD: "+", Operator.SUBTRACT: "-", Operator.MULTIPLY: "*", Operator.DIVIDE: "//"}

_SMALL = 2**30 - 1
"""The largest integer of one digit in Python, which compares such integers in place, and it must itself be one.

What reaches it is left to the helpers.
"""

_LARGEST_EXACT_FLOAT = 2**53  # up to here, comparing an integer with a float is the same in Nix and in Python
_SUMMANDS = (
    syntax.Integer,
    syntax.Float,
    syntax.String,
    syntax.Interpolation,
    syntax.PathLiteral,
    syntax.PathInterpolation,
)
_NO_NUMBERS = (*LITERALS[1:], syntax.Interpolation, syntax.PathLiteral, syntax.PathInterpolation, syntax.AttributeSet)


class OperatorWriter(ExpressionWriter):
    """Writes strict operators."""

    def negation(self, node: syntax.Not) -> str:
        return f"(not {self.condition(node.operand, node.position, Site.NOT)})"

    def minus(self, node: syntax.Negate) -> str:
        return self.text.marked(node.position, Site.PLAIN, f"negate({self.strict(node.operand)})")

    def binary(self, node: syntax.Binary) -> str:
        operator = node.operator
        if operator in {Operator.AND, Operator.OR, Operator.IMPLIES}:
            left_site, right_site = _LOGICAL_SITES[operator]
            left = self.condition(node.left, node.position, left_site)
            right, _ = self.branch(lambda: self.condition(node.right, node.position, right_site))
            word = "and" if operator is Operator.AND else "or"
            return f"({'not ' if operator is Operator.IMPLIES else ''}{left} {word} {right})"
        if operator in {Operator.EQUAL, Operator.NOT_EQUAL}:
            return self.equality(node)
        if operator in {Operator.LESS, Operator.GREATER, Operator.LESS_OR_EQUAL, Operator.GREATER_OR_EQUAL}:
            return self.comparison(node)
        if operator in _ARITHMETIC and not isinstance(node.left, _NO_NUMBERS):
            return self.arithmetic(node)
        return self.update(node) if operator is Operator.UPDATE else self.helper_call(node)

    def choice(self, node: syntax.Binary, test: str, fast: str, slow: str) -> str:
        """What Python can do where the test holds, else a call of the runtime, whose place is the operator's."""
        if "\n" in test:
            slow = self.text.marked(node.position, Site.PLAIN, slow)
        return self.text.marked(node.position, Site.PLAIN, f"({fast} if {test} else {slow})")

    def helper_call(self, node: syntax.Binary) -> str:
        """An operator that a function of the runtime carries out."""
        left, right = self.operands(node.left, node.right)
        if node.operator is Operator.ADD and self.is_seen_before(node):
            left = f"left_operand({left})"
        return self.text.marked(node.position, Site.PLAIN, f"{_HELPERS[node.operator]}({left}, {right})")

    def is_seen_before(self, node: syntax.Binary) -> bool:
        """Whether a program can tell that what the left side of a sum is comes before the right is evaluated."""
        if isinstance(node.left, _SUMMANDS) or self.is_local(node.right) is not None:
            return False
        return not isinstance(node.right, (*LITERALS, syntax.PathLiteral, syntax.AttributeSet, syntax.Lambda))

    def update(self, node: syntax.Binary) -> str:
        """``//``, whose right operand is evaluated, and found to be a set, before the left one."""
        right, left = self.operands(node.right, node.left)
        if not is_atom(left) and not isinstance(node.right, syntax.AttributeSet):
            first, again = self.bound(right)
            right = f"{again} if {first}.__class__ is dict else right_set({again})"
        return self.text.marked(node.position, Site.PLAIN, f"update({right}, {left})")

    def operands(self, left: syntax.Expression, right: syntax.Expression) -> tuple[str, str]:
        """Both operands for a helper that forces the left one first: variables need not be forced before."""
        locals_ = self.is_local(left), self.is_local(right)
        if locals_[1] is not None:
            first = locals_[0].variable if locals_[0] else self.strict(left)
            return first, locals_[1].variable
        return self.strict(left), self.strict(right)

    def arithmetic(self, node: syntax.Binary) -> str:
        """An operator on integers whose result is small, which the helper is not called for."""
        if isinstance(node.right, _NO_NUMBERS):
            return self.helper_call(node)
        tests = []
        operands = []
        for operand in (node.left, node.right):
            number = small_integer(operand)
            if number is None:
                first, again = self.subject(operand)
                tests.append(first)
                operands.append(again)
            else:
                operands.append(number)
        if not tests:
            return self.helper_call(node)
        left, right = operands
        test, result = self.small_result(node.operator, left, right)
        if node.operator is Operator.ADD and len(tests) > 1 and self.is_seen_before(node):
            checked = self.text.marked(node.position, Site.PLAIN, f"left_operand({left})")
            tests[0] = f"({tests[0]}.__class__ is int or {checked} is {left}) and {left}"
        classes = " is ".join([f"{first}.__class__" for first in tests])
        slow = f"{_HELPERS[node.operator]}({left}, {right})"
        return self.choice(node, f"{classes} is int and {test}", result, slow)

    def small_result(self, operator: syntax.Operator, left: str, right: str) -> tuple[str, str]:
        """A test of two integers that is only true if the result is small, and the text of the result after it."""
        python = f"{left} {_ARITHMETIC[operator]} {right}"
        if operator is Operator.DIVIDE:
            # Python rounds down, Nix towards zero.
            return (f"{left} >= 0 < {right}" if is_atom(right) else f"{left} >= 0", python)
        if operator is not Operator.MULTIPLY and is_atom(left) and not is_atom(right):
            rises = (operator is Operator.ADD) == (not right.startswith("-"))
            return f"{left} {f'< {_SMALL}' if rises else f'> -{_SMALL}'}", python
        variable = self.temporary()
        return f"-{_SMALL} < ({variable} := {python}) < {_SMALL}", variable

    def sum_of_known(self, node: syntax.Expression) -> tuple[str, str] | None:
        """For a sum, a difference or a product of integers that are known already: a test, and the text after it."""
        if not isinstance(node, syntax.Binary) or node in self.resolution.replaced:
            return None
        if node.operator not in {Operator.ADD, Operator.SUBTRACT, Operator.MULTIPLY}:
            return None
        operands = []
        tests = []
        for operand in (node.left, node.right):
            number = small_integer(operand)
            local = self.is_local(operand)
            if number is not None:
                operands.append(number)
            elif local is not None and local.variable in self.known:
                operands.append(local.variable)
                tests.append(f"{local.variable}.__class__")
            else:
                return None
        if not tests:
            return None
        test, result = self.small_result(node.operator, operands[0], operands[1])
        return f"{' is '.join(tests)} is int and {test}", result

    def comparison(self, node: syntax.Binary) -> str:
        # a > b is written b < a, and a <= b as not b < a: the operand that comes first there is forced first.
        swapped = node.operator in {Operator.GREATER, Operator.LESS_OR_EQUAL}
        negated = node.operator in {Operator.LESS_OR_EQUAL, Operator.GREATER_OR_EQUAL}
        first, second = (node.right, node.left) if swapped else (node.left, node.right)
        if isinstance(second, syntax.Integer):
            test, left = self.subject(first)
            test, right = f"{test}.__class__ is int", repr(second.value)
        elif isinstance(first, syntax.Integer):
            test, right = self.subject(second)
            test, left = f"{test}.__class__ is int", repr(first.value)
        else:
            test_left, left = self.subject(first)
            test_right, right = self.subject(second)
            kind = self.temporary()
            # The order of strings is that of their bytes, see text_before.
            order = f"{kind} is int or {kind} is str and ({left}.isascii() or {right}.isascii())"
            test = f"({kind} := {test_left}.__class__) is {test_right}.__class__ and ({order})"
        text = self.choice(node, test, f"{left} < {right}", f"less_than({left}, {right})")
        return f"(not {text})" if negated else text

    def equality(self, node: syntax.Binary) -> str:
        if self.resolution.counts_calls:
            text = self.text.marked(
                node.position, Site.PLAIN, f"equal({self.strict(node.left)}, {self.strict(node.right)})"
            )
        else:
            text = self.literal_equality(node.left, node.right) or self.general_equality(node)
        return f"(not {text})" if node.operator is Operator.NOT_EQUAL else text

    def general_equality(self, node: syntax.Binary) -> str:
        literals = (*LITERALS, syntax.AttributeSet)
        if isinstance(node.right, syntax.Integer):  # 0 or 1, which Python takes for False and True
            first, left = self.subject(node.left)
            right = repr(node.right.value)
            test = f"{first}.__class__ is int"
        elif isinstance(node.left, literals) or isinstance(node.right, literals):
            call = f"equal({', '.join(self.operands(node.left, node.right))})"
            return self.text.marked(node.position, Site.PLAIN, call)
        else:
            first, left = self.subject(node.left)
            second, right = self.subject(node.right)
            kind = self.temporary()
            test = f"({kind} := {first}.__class__) is {second}.__class__ and ({kind} is str or {kind} is int)"
        return self.choice(node, test, f"{left} == {right}", f"equal({left}, {right})")

    def literal_equality(self, left: syntax.Expression, right: syntax.Expression) -> str | None:
        """Comparison with a literal, for which Python's own is right."""
        if isinstance(left, syntax.String):
            left, right = right, left
        if isinstance(right, syntax.String):
            return f"({self.strict(left)} == {self.text.constant(right.text)})"
        if isinstance(right, syntax.ListLiteral) and not right.items:
            return f"({self.strict(left)} == ())"
        if isinstance(right, syntax.Variable) and self.static_function(right) in {"null", "true", "false"}:
            return f"({self.opaque(left)} is {self.strict(right)})"
        if isinstance(right, syntax.Integer) and 1 < right.value <= _LARGEST_EXACT_FLOAT:
            return f"({self.strict(left)} == {right.value})"
        return None


def small_integer(node: syntax.Expression) -> str | None:
    """The text of an integer that cannot make a sum with a small one overflow; None for anything else."""
    return repr(node.value) if isinstance(node, syntax.Integer) and node.value < _SMALL else None
