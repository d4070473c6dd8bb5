"""Programs of which nothing is evaluated before it is wanted, not even what costs nothing.

The compiler makes small lists and sets, functions and sums of known integers where C++ Nix makes thunks. Nobody can
tell, but for those who print values as far as they are evaluated. For them, every such expression is put into a
``let`` that binds nothing, which is always a thunk, exactly where C++ Nix has one.
"""

from __future__ import annotations

from system_manager.language import syntax

_DELAYED = (
    syntax.Lambda,
    syntax.AttributeSet,
    syntax.ListLiteral,
    syntax.Select,
    syntax.CurrentPosition,
    syntax.Binary,
)

_CONTAINERS = (syntax.ListLiteral, syntax.Apply, syntax.Formal, syntax.DynamicAttribute, syntax.Bindings)


def delay_values(tree: syntax.Expression) -> None:
    """Change the tree so that every list element, attribute, argument and default is a thunk where Nix has one."""
    for node in [node for node in syntax.walk(tree) if isinstance(node, _CONTAINERS)]:
        match node:
            case syntax.ListLiteral():
                node.items = tuple([_delayed(item) for item in node.items])
            case syntax.Apply():
                node.arguments = tuple([_delayed(argument) for argument in node.arguments])
            case syntax.Formal():
                node.default = None if node.default is None else _delayed(node.default)
            case syntax.DynamicAttribute():
                node.value = _delayed(node.value)
            case syntax.Bindings():
                for name, attribute in node.attributes.items():
                    _delay_attribute(name, attribute, node.sources)


def _delay_attribute(name: str, attribute: syntax.Attribute, sources: list[syntax.Expression]) -> None:
    if attribute.value is not None:
        attribute.value = _delayed(attribute.value)
    elif attribute.source is not None:
        source = sources[attribute.source]
        if isinstance(source, syntax.Variable):
            # The compiler knows what ``inherit (builtins)`` yields.
            subject = syntax.Variable(source.position, source.name)
            attribute.kind = syntax.AttributeKind.PLAIN
            attribute.value = _delayed(syntax.Select(attribute.position, subject, (name,), None))


def _delayed(node: syntax.Expression) -> syntax.Expression:
    if not isinstance(node, _DELAYED) or (isinstance(node, syntax.ListLiteral) and not node.items):
        return node
    return syntax.Let(node.position, syntax.Bindings({}, [], []), node)
