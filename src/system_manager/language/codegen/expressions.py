"""Python expressions for what is needed at once.

:meth:`ExpressionWriter.strict` gives the text of an expression whose value is in weak head normal form.
``self.known`` holds the variables that are certain to be forced where the text will stand: each is forced where it
is needed first, and the result is put back into the variable. Branches that may not run must not add to it.
"""

from __future__ import annotations

from system_manager.base.type_hints import Any, Callable
from system_manager.language import syntax
from system_manager.language.codegen.context import UnitContext
from system_manager.language.codegen.naming import builtin_function, builtin_variable
from system_manager.language.codegen.sites import Site
from system_manager.language.resolution import Binding, Dynamic, Static, Unit

Operator = syntax.Operator

_CLASS_PREDICATES = {"isAttrs": "dict", "isList": "tuple", "isInt": "int", "isFloat": "float", "isBool": "bool"}

_BOOLEAN_OPERATORS = {
    Operator.EQUAL,
    Operator.NOT_EQUAL,
    Operator.LESS,
    Operator.LESS_OR_EQUAL,
    Operator.GREATER,
    Operator.GREATER_OR_EQUAL,
    Operator.AND,
    Operator.OR,
    Operator.IMPLIES,
}

_SHORT = 100
"""Text up to this length may stand twice in the generated code instead of being bound to a variable."""


_CONSTANTS = frozenset(("None", "True", "False"))
_STARTS_CONSTANT = frozenset("-0123456789'\"")
LITERALS = (syntax.Integer, syntax.Float, syntax.String, syntax.ListLiteral)


def is_atom(text: str) -> bool:
    """Whether the text is a plain variable, free to be repeated."""
    return text.isidentifier()


class ExpressionWriter(UnitContext):
    """Writes strict expressions. Operators, and what is made lazily, are written by subclasses."""

    def lazy(self, node: syntax.Expression) -> str:
        """Text of an expression that makes a value or a thunk, and evaluates nothing."""
        raise NotImplementedError

    def let_expression(self, node: syntax.Let) -> str:
        """Text of a ``let`` where statements are not possible."""
        raise NotImplementedError

    def recursive_set(self, node: syntax.AttributeSet) -> str:
        """Text of a ``rec { … }``."""
        raise NotImplementedError

    def plain_set(self, node: syntax.AttributeSet) -> str:
        """Text of a set that is not recursive."""
        raise NotImplementedError

    def thunk(self, node: syntax.Expression) -> str:
        """Text that makes the thunk of a unit."""
        raise NotImplementedError

    def strict(self, node: syntax.Expression) -> str:
        """Text of the expression's value in weak head normal form."""
        if node in self.resolution.units and node is not self.unit.node and not isinstance(node, syntax.Lambda):
            # Nested too deeply for one piece of Python text.
            return f"force({self.thunk(node)})"
        node = self.resolution.replaced.get(node, node)
        if node in self.resolution.data:
            return self.text.literal(self.resolution.data[node], node.position)
        text: str = getattr(self, _WRITERS[node.__class__])(node)
        return text

    def forced(self, text: str) -> str:
        """The value of a lazy expression."""
        if is_atom(text):
            if text in self.known:
                return text
            self.known.add(text)
            return f"({text} if {text}.__class__ is not list else ({text} := {self.run(text)}))"
        variable = self.temporary()
        return f"({variable} if ({variable} := {text}).__class__ is not list else {self.run(variable)})"

    def run(self, variable: str) -> str:
        """The value of a thunk, which is not called when it has been forced."""
        return f"{variable}[1] if {variable}[0] is None else {variable}[0]({variable})"

    def branch(self, write: Callable[[], str]) -> tuple[str, set[str]]:
        """Text that may not run: the text, and what is known after it alone."""
        before = set(self.known)
        text = write()
        after, self.known = self.known, before
        return text, after

    def bound(self, text: str) -> tuple[str, str]:
        """The text as it must stand where it comes first, and as it may be repeated later."""
        if is_atom(text):
            return text, text
        variable = self.temporary()
        return f"({variable} := {text})", variable

    def opaque(self, node: syntax.Expression) -> str:
        """The strict value, where Python would warn about what is done with a literal."""
        text = self.strict(node)
        return f"force({text})" if isinstance(node, LITERALS) or text in _CONSTANTS else text

    def subject(self, node: syntax.Expression) -> tuple[str, str]:
        """The strict value as it must stand where it comes first, and as it may be repeated later."""
        local = self.is_local(node)
        if local is not None:
            return self.strict(node), local.variable
        return self.bound(self.opaque(node))

    # Leaves

    def literal(self, node: Any) -> str:
        """A number or a string."""
        if isinstance(node, syntax.String):
            return self.text.constant(node.text)
        if isinstance(node, syntax.Float) and node.value == float("inf"):
            return "1e999"
        return repr(node.value)

    def path_literal(self, node: syntax.PathLiteral) -> str:
        return self.text.path(node.text, node.position)

    def current_position(self, node: syntax.CurrentPosition) -> str:
        return f"PROGRAM.position_set({self.text.constant(node.position)})"

    def search_path(self, node: syntax.SearchPath) -> str:
        return self.text.marked(node.position, Site.PLAIN, f"resolve_search_path({self.text.constant(node.name)})")

    def variable(self, node: syntax.Variable) -> str:
        reference = self.reference(node)
        if isinstance(reference, Binding):
            return reference.variable if self.is_certain(reference) else self.forced(reference.variable)
        if isinstance(reference, Static):
            return self.static_value(reference.name)
        return self.dynamic(node, reference)

    def static_value(self, name: str) -> str:
        """A value of the global scope."""
        constant = {"true": "True", "false": "False", "null": "None"}.get(name)
        if constant is not None:
            return constant
        variable = builtin_variable(name)
        if self.arities.get(name) or name == "builtins":
            return variable
        return f"force({variable})"

    def namespace(self, namespace: Binding | Static) -> str:
        """The variable of a ``with``'s set."""
        return namespace.variable if isinstance(namespace, Binding) else builtin_variable(namespace.name)

    def dynamic(self, node: syntax.Variable, reference: Dynamic) -> str:
        if len(reference.namespaces) == 1 and isinstance(reference.namespaces[0], Binding):
            namespace = self.forced(reference.namespaces[0].variable)
            return self.forced(
                self.text.marked(node.position, Site.WITH, f"{namespace}[{self.text.constant(reference.name)}]")
            )
        namespaces = ", ".join(self.namespace(namespace) for namespace in reference.namespaces)
        return self.text.marked(
            node.position, Site.PLAIN, f"look_up({self.text.constant(reference.name)}, {namespaces})"
        )

    # Strings

    def interpolation(self, node: syntax.Interpolation) -> str:
        parts = [self.text.constant(part) if isinstance(part, str) else self.interpolated(part) for part in node.parts]
        return parts[0] if len(parts) == 1 else f"concatenate({', '.join(parts)})"

    def interpolated(self, node: syntax.Expression) -> str:
        """One ``${…}``, as a string."""
        if self.resolution.counts_calls:
            return self.text.marked(node.position, Site.INTERPOLATE, f"interpolate({self.strict(node)})")
        local = self.is_local(node)
        first, again = (local.variable, local.variable) if local else self.bound(self.strict(node))
        text = f"({again} if {first}.__class__ is str else interpolate({again}))"
        return self.text.marked(node.position, Site.INTERPOLATE, text)

    def path_interpolation(self, node: syntax.PathInterpolation) -> str:
        first, *rest = node.parts
        base = self.text.path(str(first), node.position)
        # The path value has lost the slash that its text may end with.
        slash = "/" if str(first).endswith("/") else ""
        parts = [self.text.constant(part) if isinstance(part, str) else self.strict(part) for part in rest]
        start = f"{base}.path + {self.text.constant(slash)}"
        return self.text.marked(node.position, Site.PLAIN, f"interpolate_path({start}, {', '.join(parts)})")

    # Attributes

    def attribute_name(self, name: str | syntax.Expression) -> str:
        """A name in an attribute path."""
        if isinstance(name, str):
            return self.text.constant(name)
        if isinstance(name, syntax.String):
            return self.text.constant(name.text)
        first, again = self.subject(name)
        return self.text.marked(
            name.position, Site.PLAIN, f"({again} if {first}.__class__ is str else attribute_name({again}))"
        )

    def select(self, node: syntax.Select) -> str:
        static = self.static_function(node)
        if static is not None:
            return self.static_value(static)
        if node.default is not None:
            return self.select_or_default(node, node.default)
        text = self.opaque(node.subject)
        if self.is_local(node.subject) is None:
            # Whatever is selected from stays in a variable, for the error message.
            text = self.bound(text)[0]
        for name in node.path:
            text = self.forced(self.text.marked(node.position, Site.SELECT, f"{text}[{self.attribute_name(name)}]"))
        return text

    def path_test(self, subject: syntax.Expression, path: tuple[str | syntax.Expression, ...]) -> tuple[str, str]:
        """A test whether the path exists, and the lazy value at its end (valid after the test)."""
        tests = []
        value = ""
        for index, name in enumerate(path):
            first, again = self.bound(self.forced(value)) if index else self.subject(subject)
            key = self.attribute_name(name)
            if not isinstance(name, str):
                # The name is evaluated even where there is no set to find it in.
                variable = self.temporary()
                # What is its own name is a string, and no set either.
                tests.append(
                    f"{first} is not ({variable} := {key}) and {again}.__class__ is dict and {variable} in {again}"
                )
                key = variable
            else:
                tests.append(f"{first}.__class__ is dict and {key} in {again}")
            value = f"{again}[{key}]"
        return " and ".join(tests), value

    def select_or_default(self, node: syntax.Select, default: syntax.Expression) -> str:
        before = set(self.known)
        test, value = self.path_test(node.subject, node.path)
        found = self.forced(value)
        self.known = self._known_after_test(before, node.subject)
        fallback, _ = self.branch(lambda: self.strict(default))
        return self.text.marked(node.position, Site.PLAIN, f"({found} if {test} else {fallback})")

    def _known_after_test(self, before: set[str], subject: syntax.Expression) -> set[str]:
        """Only the subject is evaluated for certain."""
        local = self.is_local(subject)
        return before | {local.variable} if local else before

    def has_attribute(self, node: syntax.HasAttribute) -> str:
        before = set(self.known)
        test, _ = self.path_test(node.subject, node.path)
        self.known = self._known_after_test(before, node.subject)
        return self.text.marked(node.position, Site.PLAIN, f"({test})")

    def attribute_set(self, node: syntax.AttributeSet) -> str:
        return self.recursive_set(node) if node.recursive else self.plain_set(node)

    def list_literal(self, node: syntax.ListLiteral) -> str:
        items = [self.lazy(item) for item in node.items]
        if items and all(item in _CONSTANTS or item[0] in _STARTS_CONSTANT for item in items):
            # Python would make equal tuples of constants one object, and two lists would be printed as one, repeated.
            return f"(*[{', '.join(items)}],)"
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"

    # Functions

    def function(self, node: syntax.Lambda) -> str:
        return self.lazy(node)

    def apply(self, node: syntax.Apply) -> str:
        arguments = node.arguments
        static = self.static_function(node.function)
        if static is not None:
            arity = self.arities.get(static, 0)
            if 0 < arity <= len(arguments):
                text = self.builtin_call(node, static, arguments[:arity])
                return self.further_calls(node, text, arguments[arity:])
        known = self.known_function(node.function)
        if known is not None:
            binding, unit = known
            if len(arguments) >= min(unit.arity, 2):
                return self.known_call(node, binding, unit)
        local = self.is_local(node.function)
        if local is not None and not self.is_certain(local):
            return self.calls_of_variable(node, local.variable)
        return self.calls(node, self.subject(node.function), arguments)

    def known_call(self, node: syntax.Apply, binding: Binding, unit: Unit) -> str:
        """Apply a function of this program to all of its arguments, or to two, without asking what it is."""
        count = unit.arity
        function = binding.variable
        if count > len(node.arguments):
            count = 2
        if count > 1 and not unit.only_called:
            function += ".__self__" if count > 2 else ".__func__"
        arguments = ", ".join([self.lazy(argument) for argument in node.arguments[:count]])
        text = self.text.marked(node.position, Site.CALL, f"{function}({arguments})")
        return self.further_calls(node, text, node.arguments[count:])

    def calls_of_variable(self, node: syntax.Apply, variable: str) -> str:
        """Apply what a variable holds, which may be a thunk: mostly it is a function, and one test is enough."""
        self.known.add(variable)
        arguments = node.arguments
        kind = "Function" if len(arguments) == 1 else "Method"
        test = f"{variable}.__class__ is {kind} or ({variable} := force({variable})).__class__ is {kind}"
        if len(arguments) == 1:
            return self.call_one(node, variable, test, self.lazy(arguments[0]))
        callee = f"({variable}.__func__ if {test} else callable_two({variable}))"
        text = f"{callee}({self.lazy(arguments[0])}, {self.lazy(arguments[1])})"
        return self.further_calls(node, self.text.marked(node.position, Site.CALL, text), arguments[2:])

    def further_calls(self, node: syntax.Apply, text: str, arguments: tuple[syntax.Expression, ...]) -> str:
        """Apply what a first call gave to the remaining arguments."""
        return self.calls(node, self.bound(text), arguments) if arguments else text

    def calls(self, node: syntax.Apply, function: tuple[str, str], arguments: tuple[syntax.Expression, ...]) -> str:
        """Apply a value in weak head normal form to at least one argument, two at a time."""
        first, again = function
        if len(arguments) == 1:
            return self.call_one(node, again, f"{first}.__class__ is Function", self.lazy(arguments[0]))
        text = self.call_two(node, function, f"{self.lazy(arguments[0])}, {self.lazy(arguments[1])}")
        return self.further_calls(node, text, arguments[2:])

    def call_one(self, node: syntax.Apply, function: str, test: str, argument: str) -> str:
        """Apply what is a plain function of one argument if the test says so."""
        if len(argument) <= _SHORT and ":=" not in argument:
            text = f"({function}({argument}) if {test} else call({function}, {argument}))"
        else:
            text = f"({function} if {test} else callable_one({function}))({argument})"
        return self.text.marked(node.position, Site.CALL, text)

    def call_two(self, node: syntax.Apply, function: tuple[str, str], arguments: str) -> str:
        before, again = function
        if len(arguments) <= _SHORT and ":=" not in arguments:
            text = f"({again}.__func__({arguments}) if {before}.__class__ is Method else call2({again}, {arguments}))"
        else:
            text = f"({again}.__func__ if {before}.__class__ is Method else callable_two({again}))({arguments})"
        return self.text.marked(node.position, Site.CALL, text)

    def builtin_call(self, node: syntax.Apply, name: str, arguments: tuple[syntax.Expression, ...]) -> str:
        text = None if self.resolution.counts_calls else self.builtin_in_place(node, name, arguments)
        if text is None:
            values = ", ".join(self.lazy(argument) for argument in arguments)
            text = self.text.marked(node.position, Site.CALL, f"{builtin_function(name)}({values})")
        return text

    def builtin_in_place(self, node: syntax.Apply, name: str, arguments: tuple[syntax.Expression, ...]) -> str | None:
        """What Python can do as well, without a call."""
        kind = _CLASS_PREDICATES.get(name)
        if kind is not None:
            return f"(({self.strict(arguments[0])}).__class__ is {kind})"
        if name == "isFunction":
            first, again = self.subject(arguments[0])
            return f"({first}.__class__ is Function or {again}.__class__ is Method)"
        if name == "isString":
            first, again = self.subject(arguments[0])
            return f"({first}.__class__ is str or {again}.__class__ is StringWithContext)"
        if name == "length":
            local = self.is_local(arguments[0])
            if local is not None:
                call = f"{builtin_function(name)}({local.variable})"
                text = f"(len({local.variable}) if {local.variable}.__class__ is tuple else {call})"
                return self.text.marked(node.position, Site.CALL, text)
        if name == "isNull":
            return f"({self.opaque(arguments[0])} is None)"
        if name == "seq":
            first = self.strict(arguments[0])
            return f"({first}, {self.strict(arguments[1])})[1]"
        return None

    # Control

    def if_expression(self, node: syntax.If) -> str:
        condition = self.condition(node.condition, node.position, Site.IF)
        consequence, after_consequence = self.branch(lambda: self.strict(node.consequence))
        alternative, after_alternative = self.branch(lambda: self.strict(node.alternative))
        self.known = after_consequence & after_alternative
        return f"({consequence} if {condition} else {alternative})"

    def assertion(self, node: syntax.Assert) -> str:
        condition = self.condition(node.condition, node.position, Site.ASSERT)
        failure = self.failed_assertion(node)
        return f"({self.strict(node.body)} if {condition} else {failure})"

    def failed_assertion(self, node: syntax.Assert) -> str:
        """What reports the failure. The operands of ``==`` are evaluated again for it, as in Nix."""
        condition = node.condition
        if isinstance(condition, syntax.Binary) and _can_be_compared_again(condition):
            left, _ = self.branch(lambda: self.strict(condition.left))
            right, _ = self.branch(lambda: self.strict(condition.right))
            call = f"equality_failed(PROGRAM, {self.text.constant(node.position)}, {left}, {right})"
        else:
            call = f"assertion_failed(PROGRAM, {self.text.constant(node.position)})"
        return self.text.marked(node.position, Site.PLAIN, call)

    def with_expression(self, node: syntax.With) -> str:
        made = self.open_namespace(node)
        body = self.strict(node.body)
        return body if made is None else f"({made[0]} := {made[1]}, {body})[1]"

    def open_namespace(self, node: syntax.With) -> tuple[str, str] | None:
        """The variable to set and the text of its value, unless the namespace has a variable already."""
        namespace = self.resolution.namespaces[node]
        if isinstance(namespace, Binding) and namespace.value is node.namespace:
            return namespace.variable, self.lazy(node.namespace)
        return None

    def is_boolean(self, node: syntax.Expression) -> bool:
        """Whether the expression can only give a Boolean."""
        node = self.resolution.replaced.get(node, node)
        if isinstance(node, syntax.Binary):
            return node.operator in _BOOLEAN_OPERATORS
        if isinstance(node, syntax.Apply) and len(node.arguments) == 1:
            return self.static_function(node.function) in {*_CLASS_PREDICATES, "isNull", "isString", "isFunction"}
        if isinstance(node, syntax.Variable):
            return self.static_function(node) in {"true", "false"}
        return isinstance(node, syntax.Not | syntax.HasAttribute)

    def condition(self, node: syntax.Expression, at: int, site: Site) -> str:
        """Text that is True or False; anything else is an error, with the place and the note of the site."""
        if self.is_boolean(node) and node not in self.resolution.units:
            return self.strict(node)
        local = self.is_local(node)
        first, again = (local.variable, local.variable) if local else self.bound(self.strict(node))
        text = f"({first} is True or {again} is not False and condition({again}))"
        return self.text.marked(at, site, text)


_WRITERS: dict[type[syntax.Expression], str] = {
    syntax.Integer: "literal",
    syntax.Float: "literal",
    syntax.String: "literal",
    syntax.Interpolation: "interpolation",
    syntax.PathLiteral: "path_literal",
    syntax.PathInterpolation: "path_interpolation",
    syntax.SearchPath: "search_path",
    syntax.Variable: "variable",
    syntax.CurrentPosition: "current_position",
    syntax.Select: "select",
    syntax.HasAttribute: "has_attribute",
    syntax.Apply: "apply",
    syntax.Lambda: "function",
    syntax.AttributeSet: "attribute_set",
    syntax.ListLiteral: "list_literal",
    syntax.Let: "let_expression",
    syntax.With: "with_expression",
    syntax.If: "if_expression",
    syntax.Assert: "assertion",
    syntax.Not: "negation",
    syntax.Negate: "minus",
    syntax.Binary: "binary",
}


def _can_be_compared_again(condition: syntax.Binary) -> bool:
    # The namespace of a "with" is made where its text is first written, and that may not be where this runs.
    return condition.operator is Operator.EQUAL and not any(
        isinstance(node, syntax.With) for node in syntax.walk(condition)
    )
