"""Name resolution: which binding every variable means, and what each piece of code must be given.

The pass runs once over the whole program, before anything is evaluated; undefined variables are found here. It
also cuts the program into *units*, the pieces that are compiled one by one when they first run: functions, and
expressions that are evaluated later (thunks). A unit gets the values of the outer variables that it uses, its
*captures*, when it is made.
"""

from __future__ import annotations

from system_manager.base.type_hints import Any, Callable, Iterable, Mapping
from system_manager.language import syntax
from system_manager.language.data_descriptions import LEAST_DATA, describe_data
from system_manager.language.partial_application import MOST_ARGUMENTS
from system_manager.language.replacements import (
    NEGATION,
    SEARCH,
    SEARCH_PATH,
    called_negation,
    called_operator,
    called_search,
    cut_application,
    cut_selection,
    operator_function,
)
from system_manager.language.resolution import Binding, Dynamic, Group, Layer, Reference, Resolution, Static, Unit
from system_manager.language.source import Source
from system_manager.language.visible_names import VisibleNames

_MAX_DEPTH = 16
"""Nesting of one unit's code. Python's parser takes about 200 parentheses, of which a node needs up to twelve."""

_MAX_CHAIN = 8
"""Arguments and attribute names in a row that count as one level; longer rows are cut into several."""

_MOST_LEVELS = 2
"""Operators around a call that Nix counts as calls and that take no frame of their own, see ``call_depth``."""

_ARGUMENT_BUDGET = 12
_NESTED_BUDGET = 4
"""Lists and sets up to this size are built at once where a thunk would be allowed: it would cost as much."""


def resolve(
    expression: syntax.Expression,
    source: Source,
    *,
    global_names: Mapping[str, str],
    builtin_names: frozenset[str],
    scope_names: Iterable[str] = (),
    counts_calls: bool = False,
) -> Resolution:
    """Resolve all names of a program.

    :param global_names: names visible everywhere, each with the attribute of ``builtins`` that it stands for;
        ``builtins`` itself stands for ``builtins``.
    :param builtin_names: the attributes of ``builtins``.
    :param scope_names: names that the program's caller binds (``builtins.scopedImport``).
    :param counts_calls: whether the code counts its calls.
    :raises UndefinedVariableError: for the first name that is bound nowhere.
    """
    names = VisibleNames(source, global_names, builtin_names)
    return _Resolver(expression, names, counts_calls=counts_calls).run(scope_names)


_IMMEDIATE = frozenset((syntax.Integer, syntax.Float, syntax.String, syntax.PathLiteral, syntax.CurrentPosition))

# Bound here since every node is compared with them.
_Variable, _Lambda, _Select = syntax.Variable, syntax.Lambda, syntax.Select
_ListLiteral, _AttributeSet = syntax.ListLiteral, syntax.AttributeSet
_INHERITED_FROM = syntax.AttributeKind.INHERITED_FROM


class _Resolver:
    def __init__(self, expression: syntax.Expression, names: VisibleNames, *, counts_calls: bool) -> None:
        self.names = names
        self.look_up = names.look_up
        self.depth = 0
        self.levels = 0
        self.serial = 0
        self.hidden_functions: list[Binding] = []
        self.unit = Unit(0, 0, expression, None, None, expression.position)
        self.result = Resolution(self.unit, [self.unit], counts_calls=counts_calls)
        self.visitors: dict[type, Callable[[Any], None]] = {
            syntax.Variable: self._visit_variable,
            syntax.Interpolation: self._visit_interpolation,
            syntax.PathInterpolation: self._visit_interpolation,
            syntax.SearchPath: self._visit_search_path,
            syntax.Select: self._visit_select,
            syntax.HasAttribute: self._visit_has_attribute,
            syntax.Apply: self._visit_apply,
            syntax.Lambda: self._visit_lambda,
            syntax.AttributeSet: self._visit_set,
            syntax.ListLiteral: self._visit_list,
            syntax.Let: self._visit_let,
            syntax.With: self._visit_with,
            syntax.If: self._visit_if,
            syntax.Assert: self._visit_assert,
            syntax.Not: self._visit_not,
            syntax.Negate: self._visit_negate,
            syntax.Binary: self._visit_binary,
        }

    def run(self, scope_names: Iterable[str]) -> Resolution:
        outside = Unit(-1, 0, self.unit.node, None, None, 0)
        self.unit.parent = outside
        for name in scope_names:
            self.names.bound[name] = self._bind(name, outside)
        self.visit(self.unit.node)
        for binding in self.hidden_functions:
            if binding.value is not None:
                unit = self.result.units[binding.value]
                unit.only_called = binding.fewest_arguments >= unit.arity
        return self.result

    # Names and units

    def _bind(self, name: str, unit: Unit, value: syntax.Expression | None = None) -> Binding:
        self.serial += 1
        binding = Binding(name, self.serial, unit, value)
        unit.made.append(binding)
        return binding

    def _use(self, binding: Binding) -> None:
        """Make the binding's value available in the current unit."""
        binding.used = True
        unit: Unit | None = self.unit
        while unit is not None and unit is not binding.unit and binding not in unit.captures:
            unit.captures[binding] = None
            unit = unit.parent

    def _reference(self, node: syntax.Variable, arguments: int = 0) -> None:
        self._refer(node, self.look_up(node), arguments)

    def _refer(self, node: syntax.Variable, reference: Reference, arguments: int = 0) -> None:
        self.result.references[node] = reference
        if isinstance(reference, Binding):
            reference.fewest_arguments = min(reference.fewest_arguments, arguments)
            self._use(reference)
        elif isinstance(reference, Dynamic):
            for namespace in reference.namespaces:
                if isinstance(namespace, Binding):
                    self._use(namespace)

    def _visit_variable(self, node: syntax.Variable) -> None:
        self._reference(node)

    def _enter(self, arity: int, node: syntax.Expression, name: str | None, offset: int) -> tuple[Unit, int, int]:
        before = (self.unit, self.depth, self.levels)
        self.unit = Unit(len(self.result.by_identifier), arity, node, self.unit, name, offset)
        self.result.by_identifier.append(self.unit)
        self.result.units[node] = self.unit
        self.depth = self.levels = 0
        return before

    # Strict and lazy places

    def visit(self, node: syntax.Expression) -> None:
        """An expression whose value is needed at once."""
        visitor = self.visitors.get(node.__class__)
        if visitor is None:
            return
        if self._needs_frame(node):
            self._later(node, None, node.position)
            return
        self.depth += 1
        visitor(node)
        self.depth -= 1

    def _later(self, node: syntax.Expression, name: str | None, offset: int) -> None:
        """An expression that becomes a thunk."""
        before = self._enter(0, node, name, offset)
        self.visit(node)
        self.unit, self.depth, self.levels = before

    def _needs_frame(self, node: syntax.Expression) -> bool:
        """Whether the code around is nested so deeply that the expression becomes a thunk, to be forced at once."""
        kind = node.__class__
        if kind is _Variable:
            return False
        if self.levels >= _MOST_LEVELS and (kind is syntax.Apply or self.levels > _MOST_LEVELS):
            return kind not in _IMMEDIATE
        return self.depth >= _MAX_DEPTH

    def delay(
        self, node: syntax.Expression, budget: int, *, name: str | None = None, offset: int = -1, group: Any = ()
    ) -> None:
        """An expression whose value may never be needed. Members of ``group`` do not exist yet."""
        kind = node.__class__
        if kind in _IMMEDIATE:
            return
        if isinstance(node, _Lambda):
            self._visit_lambda(node, name, offset)
            return
        if isinstance(node, _Variable):
            reference = self.look_up(node)
            if reference not in group:
                self._refer(node, reference)
                return
        elif self._is_made_at_once(node, budget):
            self.visit(node)
            return
        self._later(node, name, node.position if offset < 0 else offset)

    def _is_made_at_once(self, node: syntax.Expression, budget: int) -> bool:
        """Whether making the value, or a ready-made kind of thunk, costs no more than making a thunk."""
        if isinstance(node, _Select):
            return self._is_plain_selection(node)
        if self.depth >= _MAX_DEPTH:
            return False
        if isinstance(node, _ListLiteral):
            return len(node.items) <= budget
        return isinstance(node, _AttributeSet) and _is_small(node, budget)

    def _is_plain_selection(self, node: syntax.Select) -> bool:
        """Whether it is ``variable.name.name``, for which the runtime has a ready-made thunk."""
        if node.default is not None or len(node.path) > _MAX_CHAIN or not isinstance(node.subject, syntax.Variable):
            return False
        return all(isinstance(name, str) for name in node.path)

    # Expressions

    def _visit_interpolation(self, node: syntax.Interpolation | syntax.PathInterpolation) -> None:
        for part in node.parts:
            if not isinstance(part, str):
                self.visit(part)

    def _visit_search_path(self, node: syntax.SearchPath) -> None:
        if self._is_called(SEARCH) or self._is_called(SEARCH_PATH):
            self._replace(node, called_search(node))

    def _is_called(self, function: str) -> bool:
        """Whether an operator must be a call: the program has redefined its function, or calls are counted."""
        return function in self.names.bound or (self.result.counts_calls and self.names.is_global(function))

    def _replace(self, node: syntax.Expression, replacement: syntax.Expression) -> None:
        self.result.replaced[node] = replacement
        self.visit(replacement)

    def _visit_select(self, node: syntax.Select) -> None:
        if node.default is None and len(node.path) > _MAX_CHAIN:
            self._replace(node, cut_selection(node, _MAX_CHAIN))
            return
        # Every name adds parentheses around the subject.
        self.depth += len(node.path) // 2
        self.visit(node.subject)
        self.depth -= len(node.path) // 2
        self._visit_names(node.path)
        if node.default is not None:
            self.visit(node.default)

    def _visit_has_attribute(self, node: syntax.HasAttribute) -> None:
        self.visit(node.subject)
        self._visit_names(node.path)

    def _visit_names(self, path: tuple[str | syntax.Expression, ...]) -> None:
        for name in path:
            if not isinstance(name, str):
                self.visit(name)

    def _visit_apply(self, node: syntax.Apply) -> None:
        if len(node.arguments) > _MAX_CHAIN:
            self._replace(node, cut_application(node, _MAX_CHAIN))
            return
        self.depth += len(node.arguments) // 2
        if isinstance(node.function, syntax.Variable):
            self._reference(node.function, len(node.arguments))
        else:
            self.visit(node.function)
        self.depth -= len(node.arguments) // 2
        for argument in node.arguments:
            self.delay(argument, _ARGUMENT_BUDGET)

    def _visit_lambda(self, node: syntax.Lambda, name: str | None = None, offset: int = -1) -> None:
        nodes = [node]
        while nodes[-1].formals is None and isinstance(nodes[-1].body, syntax.Lambda) and len(nodes) < MOST_ARGUMENTS:
            nodes.append(nodes[-1].body)
        before = self._enter(len(nodes), node, name, offset)
        undo = []
        layers = []
        for one in nodes:
            layer, restore = self._visit_parameters(one)
            layers.append(layer)
            undo.append(restore)
        self.unit.layers = tuple(layers)
        body = nodes[-1].body
        if isinstance(body, syntax.Lambda):
            # A curried function hands its name on.
            self._visit_lambda(body, name, offset)
        else:
            self.visit(body)
        for restore in reversed(undo):
            self.names.restore(restore)
        self.unit, self.depth, self.levels = before

    def _visit_parameters(self, node: syntax.Lambda) -> tuple[Layer, dict[str, Binding | None]]:
        argument = self._bind(node.parameter or "argument", self.unit)
        formals: dict[str, Binding] = {}
        if node.formals is not None:
            formals = {entry.name: self._bind(entry.name, self.unit) for entry in node.formals.entries}
        names = {node.parameter: argument, **formals} if node.parameter else formals
        before = self.names.declare(names)
        if node.formals is not None:
            group = set(formals.values())
            for entry in node.formals.entries:
                if entry.default is not None:
                    self.delay(entry.default, 0, group=group)
                if entry.default is None or entry.default.__class__ in _IMMEDIATE:
                    # It needs nothing of the others, which may be made of it.
                    group.discard(formals[entry.name])
        return Layer(node, argument, formals), before

    def _is_data(self, node: syntax.ListLiteral | syntax.AttributeSet) -> bool:
        """Whether the literal is large and made of constants only; then it is described as such."""
        form = describe_data(node, self.names.is_global)
        if form is not None:
            self.result.data[node] = form
        return form is not None

    def _visit_list(self, node: syntax.ListLiteral) -> None:
        if len(node.items) >= LEAST_DATA and self._is_data(node):
            return
        for item in node.items:
            self.delay(item, _NESTED_BUDGET)

    def _visit_set(self, node: syntax.AttributeSet) -> None:
        if node.recursive:
            before = self._visit_group(node.bindings, hidden=False)
            self._visit_dynamic(node.bindings)
            self.names.restore(before)
            return
        if len(node.bindings.attributes) >= LEAST_DATA and self._is_data(node):
            return
        group = Group({}, [], [])
        self.result.groups[node.bindings] = group
        if node.bindings.sources:
            self._visit_sources(node.bindings, group)
        for name, attribute in node.bindings.attributes.items():
            if attribute.kind is _INHERITED_FROM:
                self._use_source(group, attribute)
            elif attribute.value is not None:
                self.delay(attribute.value, _NESTED_BUDGET, name=name, offset=attribute.position)
        if node.bindings.dynamic:
            self._visit_dynamic(node.bindings)

    def _visit_dynamic(self, bindings: syntax.Bindings) -> None:
        for attribute in bindings.dynamic:
            self.visit(attribute.name)
            self.delay(attribute.value, _NESTED_BUDGET)

    def _visit_let(self, node: syntax.Let) -> None:
        before = self._visit_group(node.bindings, hidden=True)
        self.visit(node.body)
        self.names.restore(before)

    def _visit_group(self, bindings: syntax.Bindings, *, hidden: bool) -> dict[str, Binding | None]:
        """Declare and visit names that see one another; returns how to undo the declaration.

        :param hidden: whether nothing but the references to them uses the names.
        """
        group = Group({}, [], [])
        self.result.groups[bindings] = group
        overridable = "__overrides" in bindings.attributes
        for name, attribute in bindings.attributes.items():
            same = None if overridable else _another_name_of(attribute, group.members)
            if same is not None:
                group.members[name] = same
                continue
            group.members[name] = member = self._make_member(name, attribute, group, overridable)
            if hidden and not overridable and isinstance(attribute.value, syntax.Lambda):
                member.fewest_arguments = MOST_ARGUMENTS
                self.hidden_functions.append(member)
        before = self.names.declare(group.members)
        if not overridable:
            self._find_static_members(bindings, group)
        self._visit_sources(bindings, group)
        made = set(group.made)
        for name, attribute in bindings.attributes.items():
            if attribute.kind is _INHERITED_FROM:
                if group.members[name].static is None:
                    self._use_source(group, attribute)
            elif attribute.kind is syntax.AttributeKind.PLAIN and attribute.value is not None:
                if not overridable and group.members[name].value is not attribute.value:
                    # Another name of a member, which is used by those who use it.
                    assert isinstance(attribute.value, _Variable)
                    self.result.references[attribute.value] = self.look_up(attribute.value)
                    continue
                self.delay(attribute.value, 0, name=name, offset=attribute.position, group=made)
        return before

    def _make_member(self, name: str, attribute: syntax.Attribute, group: Group, overridable: bool) -> Binding:
        if attribute.kind is syntax.AttributeKind.INHERITED and isinstance(attribute.value, syntax.Variable):
            # The value is looked up outside the group, whose names are not declared yet.
            self.delay(attribute.value, 0, name=name, offset=attribute.position)
            reference = self.result.references.get(attribute.value)
            if isinstance(reference, Binding) and not overridable and attribute.value not in self.result.units:
                return reference
            binding = self._bind(name, self.unit, attribute.value)
            if isinstance(reference, Static) and not overridable:
                binding.static = reference.name
        else:
            binding = self._bind(name, self.unit, None if overridable else attribute.value)
        group.made.append(binding)
        return binding

    def _find_static_members(self, bindings: syntax.Bindings, group: Group) -> None:
        for name, attribute in bindings.attributes.items():
            binding = group.members[name]
            if attribute.kind is _INHERITED_FROM and attribute.source is not None:
                source = bindings.sources[attribute.source]
                if isinstance(source, syntax.Variable):
                    binding.static = self._static_attribute(source, name)
            elif attribute.kind is syntax.AttributeKind.PLAIN and isinstance(attribute.value, syntax.Select):
                selected = attribute.value
                if isinstance(selected.subject, syntax.Variable) and len(selected.path) == 1 and not selected.default:
                    binding.static = self._static_attribute(selected.subject, selected.path[0])

    def _static_attribute(self, subject: syntax.Variable, name: str | syntax.Expression) -> str | None:
        """The name of the built-in that ``builtins.name`` means."""
        builtin = self.names.builtin(self.look_up(subject), name) if isinstance(name, str) else None
        return None if builtin is None else builtin.name

    def _visit_sources(self, bindings: syntax.Bindings, group: Group) -> None:
        for expression in bindings.sources:
            if isinstance(expression, syntax.Variable):
                reference = self.look_up(expression)
                if not isinstance(reference, Dynamic):
                    self._reference(expression)
                    group.sources.append(reference)
                    continue
            source = self._bind("source", self.unit, expression)
            group.sources.append(source)
            group.made.append(source)
            self.delay(expression, 0, group=set(group.made))

    def _use_source(self, group: Group, attribute: syntax.Attribute) -> None:
        source = group.sources[attribute.source or 0]
        if isinstance(source, Binding):
            self._use(source)

    def _visit_with(self, node: syntax.With) -> None:
        namespace: Binding | Static | None = None
        if isinstance(node.namespace, syntax.Variable):
            reference = self.look_up(node.namespace)
            if not isinstance(reference, Dynamic):
                self._reference(node.namespace)
                namespace = reference
        if namespace is None:
            self.delay(node.namespace, 0)
            namespace = self._bind("with", self.unit, node.namespace)
        self.result.namespaces[node] = namespace
        before = self.names.withs
        self.names.withs = (namespace, *before)
        self.visit(node.body)
        self.names.withs = before

    def _visit_if(self, node: syntax.If) -> None:
        self.visit(node.condition)
        self.visit(node.consequence)
        self.visit(node.alternative)

    def _visit_assert(self, node: syntax.Assert) -> None:
        self.visit(node.condition)
        self.visit(node.body)

    def _visit_not(self, node: syntax.Not) -> None:
        self.visit(node.operand)

    def _visit_negate(self, node: syntax.Negate) -> None:
        if self._is_called(NEGATION):
            self._replace(node, called_negation(node))
        else:
            self.levels += 1
            self.visit(node.operand)
            self.levels -= 1

    def _visit_binary(self, node: syntax.Binary) -> None:
        function = operator_function(node.operator)
        if function is None:
            self.visit(node.left)
            self.visit(node.right)
        elif self._is_called(function):
            self._replace(node, called_operator(node))
        else:
            self.levels += 1
            self.visit(node.left)
            self.visit(node.right)
            self.levels -= 1


def _another_name_of(attribute: syntax.Attribute, members: Mapping[str, Binding]) -> Binding | None:
    """The member before it that ``name = member;`` binds again: Nix makes no thunk for that, and no other value."""
    if attribute.kind is syntax.AttributeKind.PLAIN and isinstance(attribute.value, syntax.Variable):
        return members.get(attribute.value.name)
    return None


def _is_small(node: syntax.AttributeSet, budget: int) -> bool:
    bindings = node.bindings
    return not (node.recursive or bindings.dynamic or bindings.sources) and len(bindings.attributes) <= budget
