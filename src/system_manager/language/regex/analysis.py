"""What can be said about an expression without running it."""

from __future__ import annotations

from system_manager.language.regex.syntax import Alternation, Bytes, Group, Node, Repeat, Sequence


def nullable(node: Node) -> bool:
    """Whether the node can match without consuming a byte."""
    match node:
        case Bytes():
            return False
        case Sequence(items):
            return all(nullable(item) for item in items)
        case Alternation(branches):
            return any(nullable(branch) for branch in branches)
        case Group(_, body):
            return nullable(body)
        case Repeat(body, minimum, _):
            return minimum == 0 or nullable(body)
    return True


def first_bytes(node: Node) -> int:
    """The set of bytes with which a match that is not empty can start."""
    match node:
        case Bytes(mask):
            return mask
        case Sequence(items):
            mask = 0
            for item in items:
                mask |= first_bytes(item)
                if not nullable(item):
                    break
            return mask
        case Alternation(branches):
            mask = 0
            for branch in branches:
                mask |= first_bytes(branch)
            return mask
        case Group(_, body):
            return first_bytes(body)
        case Repeat(body, _, maximum):
            return 0 if maximum == 0 else first_bytes(body)
    return 0
