"""All pure builtins: those that need no file system, no store, no environment and no clock.

What is said here of each module is all that is known of its builtins before a program uses one of them.
"""

from __future__ import annotations

from system_manager.base.type_hints import Callable, Iterable
from system_manager.language.builtins.registry import Builtin, Family

_ARITIES: dict[str, dict[str, int]] = {
    "attributes": {
        "attrNames": 1,
        "attrValues": 1,
        "catAttrs": 2,
        "getAttr": 2,
        "hasAttr": 2,
        "intersectAttrs": 2,
        "listToAttrs": 1,
        "mapAttrs": 2,
        "removeAttrs": 2,
        "unsafeGetAttrPos": 2,
        "zipAttrsWith": 2,
    },
    "context": {"hasContext": 1, "unsafeDiscardStringContext": 1},
    "control": {
        "abort": 1,
        "addErrorContext": 2,
        "break": 1,
        "deepSeq": 2,
        "seq": 2,
        "throw": 1,
        "trace": 2,
        "traceVerbose": 2,
        "tryEval": 1,
        "warn": 2,
    },
    "formats": {"fromJSON": 1, "fromTOML": 1, "toJSON": 1, "toXML": 1},
    "hashes": {"hashString": 2},
    "lists": {
        "all": 2,
        "any": 2,
        "concatLists": 1,
        "concatMap": 2,
        "elem": 2,
        "elemAt": 2,
        "filter": 2,
        "foldl'": 3,
        "genList": 2,
        "groupBy": 2,
        "head": 1,
        "length": 1,
        "map": 2,
        "partition": 2,
        "tail": 1,
    },
    "numbers": {
        "add": 2,
        "bitAnd": 2,
        "bitOr": 2,
        "bitXor": 2,
        "ceil": 1,
        "div": 2,
        "floor": 1,
        "mul": 2,
        "sub": 2,
    },
    "regular_expressions": {"match": 2, "split": 2},
    "sorting": {"genericClosure": 1, "lessThan": 2, "sort": 2},
    "strings": {
        "baseNameOf": 1,
        "concatStringsSep": 2,
        "dirOf": 1,
        "replaceStrings": 3,
        "stringLength": 1,
        "substring": 3,
        "toString": 1,
    },
    "types": {
        "functionArgs": 1,
        "isAttrs": 1,
        "isBool": 1,
        "isFloat": 1,
        "isFunction": 1,
        "isInt": 1,
        "isList": 1,
        "isNull": 1,
        "isPath": 1,
        "isString": 1,
        "typeOf": 1,
    },
    "versions": {"compareVersions": 2, "parseDrvName": 1, "splitVersion": 1},
}
"""By module, the names of its builtins and their numbers of arguments."""


def _loader(module: str) -> Callable[[], Iterable[Builtin]]:
    def load() -> Iterable[Builtin]:
        # importlib would be imported for this alone.
        table: Iterable[Builtin] = __import__(f"{__package__}.{module}", fromlist=("TABLE",)).TABLE
        return table

    return load


PURE_BUILTINS = tuple([Family(arities, _loader(module)) for module, arities in _ARITIES.items()])
