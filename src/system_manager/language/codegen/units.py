"""The Python text of one unit: its parameters, its body as statements, and everything that is made lazily.

A thunk's unit is a function of the thunk, which holds the captured values as its environment::

    def f(t):
      c0, c1 = t[1]
      t[0] = blackhole
      …
      t[1] = r
      t[0] = None
      return r

A function's unit is a maker that is given the captured values and returns the function::

    def f(c0, c1):
      def f(x0):
        nonlocal c0, c1
        …
      return f
"""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.base.type_hints import Iterable, Mapping
from system_manager.language import syntax
from system_manager.language.codegen.naming import builtin_variable
from system_manager.language.codegen.operators import OperatorWriter
from system_manager.language.codegen.sites import Site
from system_manager.language.codegen.text import INDENT, UnitText
from system_manager.language.resolution import Binding, Dynamic, Group, Layer, Resolution, Static, Unit

AttributeKind = syntax.AttributeKind


def write_unit(resolution: Resolution, unit: Unit, arities: Mapping[str, int]) -> UnitText:
    """The Python text of a unit.

    :param arities: see :class:`~system_manager.language.codegen.context.UnitContext`.
    """
    writer = UnitWriter(resolution, unit, arities)
    if unit.arity:
        writer.write_function()
    else:
        writer.write_thunk()
    return writer.text


def capture_order(unit: Unit) -> list[Binding]:
    """A unit's captures in the order of its maker's parameters."""
    return sorted(unit.captures, key=lambda binding: binding.serial)


@record()
class _Member:
    """One binding of a group while the group is put in order."""

    binding: Binding
    expression: syntax.Expression | None
    source: Binding | Static | None = None
    offset: int = 0


class UnitWriter(OperatorWriter):
    """Writes one unit."""

    def __init__(self, resolution: Resolution, unit: Unit, arities: Mapping[str, int]) -> None:
        super().__init__(resolution, unit, arities)
        self.level = 0
        self.pending: dict[Binding, None] = {}
        self.patches: list[tuple[Binding, str]] = []
        self.captures = self.name_variables()

    def name_variables(self) -> list[str]:
        """Name what the unit uses by its order alone; returns the names of the captures, in an order that sorts them.

        Python sorts the cells of a closure by name.
        """
        captures = capture_order(self.unit)
        width = len(str(len(captures)))
        for index, binding in enumerate(captures):
            binding.variable = f"c{index:0{width}}"
        for index, binding in enumerate(self.unit.made):
            binding.variable = f"x{index}"
        return [binding.variable for binding in captures]

    # Statements

    def line(self, text: str) -> None:
        """Add a statement, which may go over several lines."""
        self.text.lines.append(INDENT * self.level + text)

    def write_thunk(self) -> None:
        self.line("def f(t):")
        self.level += 1
        if self.captures:
            self.line(f"{', '.join(self.captures)} = t[1]")
        self.line("t[0] = blackhole")
        self.tail(self.unit.node)
        self.line("t[1] = r")
        self.line("t[0] = None")
        self.line("return r")

    def write_function(self) -> None:
        captures = ", ".join(self.captures)
        self.line(f"def f({captures}):")
        self.level += 1
        parameters = ", ".join(layer.argument.variable for layer in self.unit.layers)
        self.line(f"def f({parameters}):")
        self.level += 1
        if captures:
            self.line(f"nonlocal {captures}")
        if self.resolution.counts_calls:
            refusal = self.text.marked(self.unit.node.position, Site.ENTRY, "refuse_level()")
            self.line(f"if LEVELS[0] > LEVELS[1]: {refusal}")
            self.line("LEVELS[0] += 1")
        for layer in self.unit.layers:
            if layer.node.formals is not None:
                self.take_formals(layer)
        self.tail(self.unit.layers[-1].node.body)
        self.level -= 1
        self.line("return f")

    def take_formals(self, layer: Layer) -> None:
        """Take the argument set apart, as Nix does: missing ones first, then unexpected ones, then defaults."""
        formals = layer.node.formals
        assert formals is not None
        argument = layer.argument.variable
        position = layer.node.position
        check = self.text.marked(position, Site.PLAIN, f"argument_set({argument})")
        self.line(f"if {argument}.__class__ is not dict: {argument} = {check}")
        self.known.add(argument)
        optional = [entry for entry in formals.entries if entry.default is not None]
        for entry in formals.entries:
            if entry.default is None:
                member = layer.formals[entry.name]
                taken = self.text.marked(position, Site.FORMAL, f"{argument}[{self.text.constant(entry.name)}]")
                self.line(f"{member.variable} = {taken}" if member.used else taken)
        if formals.ellipsis:
            self.take_defaults(layer, optional, None)
            return
        # What is left when all that is taken has been counted off is unexpected.
        left = self.temporary()
        self.line(f"{left} = len({argument})")
        self.take_defaults(layer, optional, left)
        index = self.unit.layers.index(layer)
        label = self.text.constant(self.unit.label)
        call = f"unexpected_argument(PROGRAM, {label}, {index}, {argument})"
        fault = self.text.marked(position, Site.PLAIN, call)
        self.line(f"if {left} != {len(formals.entries) - len(optional)}: {fault}")

    def take_defaults(self, layer: Layer, optional: list[syntax.Formal], left: str | None) -> None:
        """Take the arguments that may be missing, and count those that are not off from ``left``."""
        argument = layer.argument.variable
        count = "" if left is None else f"{left} -= 1"
        members = [_Member(layer.formals[entry.name], entry.default) for entry in optional]
        for binding, text in self.steps([member for member in members if member.binding.used]):
            if binding is not None:
                name = self.text.constant(binding.name)
                taken = f"{binding.variable} = {argument}[{name}]"
                self.line(f"if {name} in {argument}: {'; '.join(filter(None, (taken, count)))}")
                self.line(f"else: {binding.variable} = {text}")
                self.known.discard(binding.variable)
        for binding, patch in self.patches:
            self.line(f"if {self.text.constant(binding.name)} not in {argument}: {patch}")
        self.patches.clear()
        for member in members:
            if count and not member.binding.used:
                self.line(f"if {self.text.constant(member.binding.name)} in {argument}: {count}")

    def finish(self, text: str) -> None:
        """The unit's result."""
        if self.unit.arity and self.resolution.counts_calls:
            self.line(f"r = {text}")
            self.line("LEVELS[0] -= 1")
            self.line("return r")
        else:
            self.line(f"return {text}" if self.unit.arity else f"r = {text}")

    def tail(self, node: syntax.Expression) -> None:
        """Statements that end with the value of the expression."""
        if node in self.resolution.units and node is not self.unit.node:
            self.finish(self.strict(node))
        elif isinstance(node, syntax.If):
            self.tail_if(node)
        elif isinstance(node, syntax.Let):
            self.run_steps(self.group_steps(node.bindings))
            self.tail(node.body)
        elif isinstance(node, syntax.With):
            made = self.open_namespace(node)
            if made is not None:
                self.line(f"{made[0]} = {made[1]}")
            self.tail(node.body)
        elif isinstance(node, syntax.Assert):
            condition = self.condition(node.condition, node.position, Site.ASSERT)
            self.line(f"if not {condition}: {self.failed_assertion(node)}")
            self.tail(node.body)
        else:
            self.finish(self.strict(node))

    def tail_if(self, node: syntax.If) -> None:
        word = "if"
        current: syntax.Expression = node
        before = set(self.known)
        while isinstance(current, syntax.If) and (current not in self.resolution.units or current is self.unit.node):
            self.line(f"{word} {self.condition(current.condition, current.position, Site.IF)}:")
            after = set(self.known)
            self.level += 1
            self.tail(current.consequence)
            self.level -= 1
            self.known = after
            word = "elif"
            current = current.alternative
        self.line("else:")
        self.level += 1
        self.tail(current)
        self.level -= 1
        self.known = before

    # What is made lazily

    def lazy(self, node: syntax.Expression) -> str:
        if node in self.resolution.units:
            return self.closure(node) if isinstance(node, syntax.Lambda) else self.sum_or_thunk(node)
        if isinstance(node, syntax.Variable):
            return self.lazy_variable(node)
        if isinstance(node, syntax.Select):
            return self.selection_later(node)
        return self.strict(node)

    def selection_later(self, node: syntax.Select) -> str:
        """The thunk of ``variable.name.name``. Errors in any of the names are reported at the place of the first."""
        assert isinstance(node.subject, syntax.Variable)
        subject = self.lazy_variable(node.subject)
        first, *others = node.path
        key = self.text.key(str(first), node.position)
        if others:
            return f"[select_path_later, ({subject}, {key}, {', '.join(map(self.text.constant, map(str, others)))})]"
        return f"[select_later, ({subject}, {key})]"

    def sum_or_thunk(self, node: syntax.Expression) -> str:
        """A thunk; but ``x + 1`` of an integer that is known already is cheaper to compute than to delay."""
        known = self.sum_of_known(node)
        return self.thunk(node) if known is None else f"({known[1]} if {known[0]} else {self.thunk(node)})"

    def lazy_variable(self, node: syntax.Variable) -> str:
        reference = self.reference(node)
        if isinstance(reference, Binding):
            return "None" if reference in self.pending else reference.variable
        if isinstance(reference, Static):
            constant = {"true": "True", "false": "False", "null": "None"}.get(reference.name)
            return constant or builtin_variable(reference.name)
        return self.lazy_lookup(node, reference)

    def lazy_lookup(self, node: syntax.Variable, reference: Dynamic) -> str:
        namespaces = ", ".join(self.namespace(namespace) for namespace in reference.namespaces)
        key = self.text.key(reference.name, node.position)
        return f"[look_up_later, ({key}, {namespaces})]"

    def environment(self, unit: Unit) -> str:
        """The captured values of a thunk; what does not exist yet is left out and patched in later."""
        names = [self.captured(binding) for binding in capture_order(unit)]
        if not names:
            return "None"
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    def captured(self, binding: Binding) -> str:
        return "None" if binding in self.pending else binding.variable

    def thunk(self, node: syntax.Expression) -> str:
        unit = self.resolution.units[node]
        return f"[{self.text.label(unit.label)}, {self.environment(unit)}]"

    def closure(self, node: syntax.Lambda) -> str:
        unit = self.resolution.units[node]
        captures = ", ".join(self.captured(binding) for binding in capture_order(unit))
        function = f"{self.text.label(unit.label)}({captures})"
        if unit.arity == 1 or unit.only_called:
            return function
        return f"Method({function}, 0)" if unit.arity == 2 else f"function_of_many({function})"

    # Sets

    def plain_set(self, node: syntax.AttributeSet) -> str:
        bindings = node.bindings
        group = self.resolution.groups[bindings]
        made = [
            f"{binding.variable} := {self.lazy(binding.value)}" for binding in group.made if binding.value is not None
        ]
        text = self.display(bindings, group)
        if made:
            text = f"({', '.join(made)}, {text})[-1]"
        return self.with_dynamic(bindings, text)

    def display(self, bindings: syntax.Bindings, group: Group) -> str:
        """A dict display of the attributes that stand in the text, in their order: Nix evaluates them so."""
        items = []
        for name, attribute in bindings.attributes.items():
            items.append(f"{self.text.key(name, attribute.position)}: {self.attribute(name, attribute, group)}")
        return f"{{{', '.join(items)}}}"

    def attribute(self, name: str, attribute: syntax.Attribute, group: Group) -> str:
        member = group.members.get(name)
        if member is not None:
            return member.variable if member.static is None else self.lazy_static(member.static)
        if attribute.kind is AttributeKind.INHERITED_FROM:
            return self.inherited(name, group.sources[attribute.source or 0], attribute.position)
        assert attribute.value is not None
        return self.lazy(attribute.value)

    def lazy_static(self, name: str) -> str:
        return {"true": "True", "false": "False", "null": "None"}.get(name) or builtin_variable(name)

    def inherited(self, name: str, source: Binding | Static, offset: int) -> str:
        """The thunk of one name of ``inherit (source)``."""
        variable = self.captured(source) if isinstance(source, Binding) else self.lazy_static(source.name)
        return f"[select_later, ({variable}, {self.text.key(name, offset)})]"

    def with_dynamic(self, bindings: syntax.Bindings, text: str) -> str:
        for attribute in bindings.dynamic:
            name = self.strict(attribute.name)
            value, offset = self.lazy(attribute.value), self.text.constant(attribute.position)
            call = f"put_attribute({text}, {name}, {value}, PROGRAM, {offset})"
            text = self.text.marked(attribute.position, Site.PLAIN, call)
        return text

    def recursive_set(self, node: syntax.AttributeSet) -> str:
        group = self.resolution.groups[node.bindings]
        if "__overrides" in node.bindings.attributes:
            return self.with_dynamic(node.bindings, self.overridable_set(node.bindings, group))
        steps = self.group_steps(node.bindings)
        text = self.with_dynamic(node.bindings, self.display(node.bindings, group))
        return self.sequence(steps, text)

    def overridable_set(self, bindings: syntax.Bindings, group: Group) -> str:
        """A set with ``__overrides``: its names see the final set instead of the values they were defined with."""
        final = self.temporary()
        made = [f"{final} := {{}}"]
        # Static members exist as variables here too: an override may replace them.
        for binding in group.made:
            if binding in group.members.values():
                made.append(f"{binding.variable} := [select_later, ({final}, {self.text.constant(binding.name)})]")
        for binding in group.made:
            if binding not in group.members.values() and binding.value is not None:
                made.append(f"{binding.variable} := {self.lazy(binding.value)}")
        items = []
        for name, attribute in bindings.attributes.items():
            if attribute.kind is AttributeKind.INHERITED_FROM:
                value = self.inherited(name, group.sources[attribute.source or 0], attribute.position)
            else:
                assert attribute.value is not None
                value = self.lazy(attribute.value)
            items.append(f"{self.text.key(name, attribute.position)}: {value}")
        return f"({', '.join(made)}, override({final}, {{{', '.join(items)}}}))[-1]"

    # Groups of names that see one another

    def let_expression(self, node: syntax.Let) -> str:
        steps = self.group_steps(node.bindings)
        return self.sequence(steps, self.strict(node.body))

    def sequence(self, steps: list[tuple[str | None, str]], text: str) -> str:
        """The steps and then the value, as one expression."""
        if not steps:
            return text
        done = [value if variable is None else f"{variable} := {value}" for variable, value in steps]
        return f"({', '.join(done)}, {text})[-1]"

    def run_steps(self, steps: list[tuple[str | None, str]]) -> None:
        for variable, text in steps:
            self.line(text if variable is None else f"{variable} = {text}")

    def group_steps(self, bindings: syntax.Bindings) -> list[tuple[str | None, str]]:
        """Assignments that make all members of a group, and then what must be patched."""
        group = self.resolution.groups[bindings]
        members = []
        by_name: dict[int, str] = {}
        for name, binding in group.members.items():
            by_name.setdefault(id(binding), name)  # the others are other names of it
        for binding in group.made:
            if binding.static is not None:
                continue
            first = by_name.get(id(binding))
            attribute = bindings.attributes[first] if first is not None else None
            if attribute is not None and attribute.kind is AttributeKind.INHERITED_FROM:
                source = group.sources[attribute.source or 0]
                members.append(_Member(binding, None, source, attribute.position))
            else:
                members.append(_Member(binding, attribute.value if attribute else binding.value))
        steps: list[tuple[str | None, str]] = [
            (binding.variable if binding else None, text) for binding, text in self.steps(members)
        ]
        steps += [(None, patch) for _, patch in self.patches]
        self.patches.clear()
        return steps

    def steps(self, members: list[_Member]) -> list[tuple[Binding | None, str]]:
        """The members, each after what it needs wherever that is possible; the rest is left in ``self.patches``."""
        by_binding = {member.binding: member for member in members}
        outer = self.pending
        self.pending = {**outer, **dict.fromkeys(by_binding)}
        done: list[tuple[Binding | None, str]] = []
        started: set[Binding] = set()

        def place(member: _Member) -> None:
            started.add(member.binding)
            needed = [binding for binding in self.needs(member) if binding in by_binding]
            for binding in needed:
                if binding not in started:
                    place(by_binding[binding])
            missing = [binding for binding in needed if binding in self.pending]
            done.append((member.binding, self.member_text(member)))
            del self.pending[member.binding]
            if missing:
                self.patches += [(member.binding, patch) for patch in self.patch(member, missing)]

        for member in members:
            if member.binding not in started:
                place(member)
        self.pending = outer
        return done

    def needs(self, member: _Member) -> Iterable[Binding]:
        """The variables that a member's thunk or function captures."""
        if member.expression is None:
            return [member.source] if isinstance(member.source, Binding) else []
        unit = self.resolution.units.get(member.expression)
        if unit is not None:
            return unit.captures
        expression = member.expression
        if isinstance(expression, syntax.Select):
            expression = expression.subject
        if isinstance(expression, syntax.Variable):
            reference = self.reference(expression)
            if isinstance(reference, Binding):
                return [reference]
        return []

    def member_text(self, member: _Member) -> str:
        if member.expression is not None:
            return self.lazy(member.expression)
        assert member.source is not None
        return self.inherited(member.binding.name, member.source, member.offset)

    def patch(self, member: _Member, missing: list[Binding]) -> list[str]:
        """Calls that give a member the variables that did not exist when it was made."""
        variable = member.binding.variable
        unit = self.resolution.units.get(member.expression) if member.expression is not None else None
        if unit is None:
            return [f"set_source({variable}, {missing[0].variable})"]
        order = capture_order(unit)
        if not unit.arity:
            names = [binding.variable for binding in order]
            return [f"set_environment({variable}, {names[0] if len(names) == 1 else '(' + ', '.join(names) + ')'})"]
        return [f"set_cell({variable}, {order.index(binding)}, {binding.variable})" for binding in missing]
