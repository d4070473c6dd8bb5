"""What random programs are made of: literals, operators and builtins with the kinds of value that they go with."""

from __future__ import annotations

import re

NAMES = ("a", "b", "c", "d", "e", "or'", "x1", "outPath", "name", "value", "key")

ATOMS: dict[str, tuple[str, ...]] = {
    "int": (
        *("0", "1", "2", "3", "7", "10", "63", "255", "(-1)", "(-7)", "4611686018427387904", "3037000500"),
        *("9223372036854775807", "(-9223372036854775807 - 1)", "builtins.langVersion"),
    ),
    "small": ("0", "1", "2", "3", "5", "(-1)", "(1 + 1)", "1.0", '"1"'),
    "float": (
        *("0.0", "1.0", "(-0.0)", "1.5", "0.1", ".5", "1.0e10", "1.0e-7", "123456789.125", "9007199254740993.0"),
        *("(1.0e308 * 10)", "(-(1.0e308 * 10))", "(1.0e308 * 10 - 1.0e308 * 10)", "9.2233720368547758e18", "3.0e-320"),
    ),
    "bool": ("true", "false"),
    "null": ("null",),
    "string": (
        *('""', '"a"', '"b"', '"ab"', '"foo bar"', '"1"', '"-1"', '"1.0"', '"1.0pre2"', '"a.b"', '"a/b/"', '"/a//b"'),
        *('"ä"', '"日本"', '"\\n"', '"\\${a}"', '"$"', '"$$"', "''a''", "''\n  a\n    b\n''", "''''${\"x\"}''"),
        *('"outPath"', '"name"', '"key"', '"__toString"', "http://a.b/c", '"\\t\\r\\\\\\""', '"nix-2.3"', '"x y"'),
        *('"${builtins.toFile "f" "t"}"', '"${derivation { name = "n"; system = "s"; builder = "b"; }}"', '"/"', '"."'),
    ),
    "regex": (
        *('"a"', '"(a)(b)?"', '"a*"', '"(a|ab)(c|bcd)?(d*)"', '"[a-c]+"', '"[[:alpha:]]*"', '"([^/]*)/(.*)"', '""'),
        *('"("', '"a{2}"', '"a{,2}"', '".*"', '"^a$"', '"(^a)|b"', '"a\\\\.b"', '"[]a]"', '"[^]a]+"', '"x*"', '"*"'),
        *('"((a)|(b))*"', '"(a*)*"', '"(a*)+"', '"[[:space:][:digit:]]"', '"[b-a]"', '"\\\\w"', '"a|"', '"(|a)b"'),
    ),
    "json": (
        *('"1"', '"[1,2.5,null]"', '"{\\"a\\":{\\"b\\":[]}}"', '"\\"\\\\u00e4\\""', '"tru"', '"1e5"', '"-0"', '"[1,]"'),
        *('"{\\"a\\":1,\\"a\\":2}"', '" 1 "', '"01"', '"1."', '"\\"\\\\ud800\\""', '"9223372036854775808"', '"{a:1}"'),
    ),
    "toml": (
        *('"a = 1"', "\"[a]\\nb = 'x'\"", '"a = [1, 2.5]"', '"[[a]]\\nb = true"', '"a.b.c = 1\\na.b.d = 0x1F"', '"a"'),
        *('"a = 1\\na = 2"', '"a = inf"', "\"a = '''\\nx'''\"", '"a = { b = 1 }"', '"a = 1_000"', '"a = +1e3"'),
    ),
    "algorithm": ('"sha256"', '"md5"', '"sha1"', '"sha512"', '"sha3"', '"sha256"'),
    "hash": (
        '{ hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; toHashFormat = "base16"; }',
        '{ hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; hashAlgo = "sha256"; toHashFormat = "nix32"; }',
        '{ hash = "d41d8cd98f00b204e9800998ecf8427e"; hashAlgo = "md5"; toHashFormat = "sri"; }',
        '{ hash = "x"; hashAlgo = "md5"; toHashFormat = "base64"; }',
    ),
    "path": ("/none", "/none/a", "./none", "../none/b", "/.", "~/none", "<none>", '/none/${"a"}b', "./sub"),
    "list": ("[ ]", "[ 1 2 3 ]", '[ "a" "b" ]', "[ { } ]", "[ null true ]", "[ [ 1 ] [ ] ]", "[ 1.5 (-1) ]"),
    "ints": ("[ ]", "[ 3 1 2 ]", "[ 1 1.0 1 ]", "[ 2 (-1) 0 2 ]", "[ 1 2 3 4 5 6 7 8 9 10 ]"),
    "strings": ("[ ]", '[ "a" ]', '[ "b" "a" "ab" ]', '[ "" "x" ]', '[ "a" "a" ]', '[ "a" 1 ]', '[ "o" "k" ./none ]'),
    "sets": (
        *("[ ]", "[ { a = 1; } { a = 2; b = 3; } ]", '[ { name = "a"; value = 1; } { name = "b"; value = 2; } ]'),
        *('[ { name = "a"; value = 1; } { name = "a"; value = 2; } ]', "[ { key = 1; } { key = 2; } { key = 1; } ]"),
        *('[ { name = "a"; } ]', '[ { key = "x"; n = 3; } ]', '[ { a = throw "t"; } { b = 1; } ]'),
    ),
    "set": (
        *("{ }", "{ a = 1; }", "{ a = 1; b = 2; c = 3; }", "{ a.b.c = 1; }", '{ outPath = "/o"; }', "{ a = null; }"),
        *('{ __toString = self: "s"; }', "{ __functor = self: x: x; }", '{ type = "derivation"; outPath = "o"; }'),
        *('{ a = throw "t"; }', "{ inherit (builtins) head map; }", "__curPos"),
        *('(derivation { name = "d"; system = "s"; builder = "b"; })', "{ or = 1; }"),
    ),
    "function": (
        *("(x: x)", "(a: b: a)", "({ a, b ? 2 }: a)", "({ ... }@a: a)", "map", "builtins.add", "(builtins.add 1)"),
        *("({ a ? b, b ? 1 }: [ a b ])", "{ __functor = self: x: [ x ]; }", "builtins.typeOf", "(_: null)"),
    ),
    "any": ("1", '"a"', "null", "[ 1 ]", "{ a = 1; }", "1.5", "/none", "true", "(x: x)"),
}

CALLBACKS: dict[str, tuple[tuple[str, ...], str]] = {
    "test": (("any",), "bool"),
    "change": (("any",), "any"),
    "name-of": (("any",), "string"),
    "to-list": (("any",), "list"),
    "combine": (("any", "any"), "any"),
    "add-up": (("int", "int"), "int"),
    "less": (("int", "int"), "bool"),
    "named": (("string", "any"), "any"),
    "zipped": (("string", "list"), "any"),
    "of-index": (("int",), "any"),
    "step": (("set",), "sets"),
}
"""Functions that builtins take: the kinds of their parameters, and of what they return."""

BINARY: dict[str, tuple[tuple[str, str, str], ...]] = {
    "int": (("int", "+", "int"), ("int", "-", "int"), ("int", "*", "int"), ("int", "/", "int")),
    "float": (("float", "+", "int"), ("int", "*", "float"), ("float", "/", "float"), ("float", "-", "float")),
    "bool": (
        *(("bool", "&&", "bool"), ("bool", "||", "bool"), ("bool", "->", "bool"), ("same", "==", "same")),
        *(("same", "!=", "same"), ("same", "<", "same"), ("int", "<=", "float"), ("string", ">", "string")),
        *(("list", "<", "list"), ("list", ">=", "list"), ("any", "==", "any"), ("set", "==", "set")),
    ),
    "string": (("string", "+", "string"), ("string", "+", "path"), ("string", "+", "set"), ("set", "+", "string")),
    "path": (("path", "+", "string"), ("path", "+", "path")),
    "list": (("list", "++", "list"), ("list", "++", "sets"), ("ints", "++", "list")),
    "set": (("set", "//", "set"), ("set", "//", "set")),
}

_CALLS = """
int: add <int> <int> | sub <int> <int> | mul <int> <int> | div <int> <int> | bitAnd <int> <int> | bitOr <int> <int>
int: bitXor <int> <int> | length <list>
int: stringLength <string> | ceil <float> | floor <float> | foldl' <add-up> <int> <ints>
int: compareVersions <string> <string>
int: head <ints> | elemAt <ints> <small> | fromJSON <json> | stringLength <any> | floor <int>
int: length (builtins.attrNames <set>)
float: add <float> <int> | mul <float> <float> | div <float> <int> | sub <int> <float> | fromJSON <json>
bool: all <test> <list> | any <test> <list> | elem <any> <list> | hasAttr <string> <set> | isAttrs <any>
bool: isList <any> | isString <any> | isInt <any>
bool: isFunction <any> | isPath <any> | isNull <any> | isBool <any> | isFloat <any> | lessThan <int> <float>
bool: lessThan <list> <list>
bool: hasContext <string> | pathExists <path> | lessThan <any> <any> | elem <int> <ints>
null: match <regex> <string> | unsafeGetAttrPos <string> <set>
string: concatStringsSep <string> <strings> | substring <small> <small> <string> | toString <any> | typeOf <any>
string: toJSON <any> | baseNameOf <path>
string: baseNameOf <string> | dirOf <string> | replaceStrings <strings> <strings> <string>
string: hashString <algorithm> <string> | toXML <any>
string: unsafeDiscardStringContext <string> | concatStringsSep <string> <list> | toJSON <set> | toString <list>
string: toString <float>
string: baseNameOf <path> | convertHash <hash> | substring <int> <int> <string> | placeholder <string>
string: toJSON <float> | toXML <list>
string: addDrvOutputDependencies <string> | unsafeDiscardOutputDependency <string> | elemAt <strings> <small>
string: readFileType <path>
path: dirOf <path> | toPath <string> | head <list>
list: map <change> <list> | filter <test> <list> | concatLists <list> | concatMap <to-list> <list>
list: genList <of-index> <small> | tail <list>
list: sort <less> <ints> | sort <less> <list> | attrNames <set> | attrValues <set> | split <regex> <string>
list: splitVersion <string>
list: catAttrs <string> <sets> | genericClosure { startSet = <sets>; operator = <step>; } | match <regex> <string>
list: tail <sets>
list: attrValues (builtins.groupBy <name-of> <list>) | map <change> (builtins.attrNames <set>) | sort <less> <sets>
list: concatMap <to-list> <sets>
list: foldl' <combine> <list> <list> | genericClosure { startSet = <sets>; operator = x: [ ]; }
list: split <regex> <strings>
set: mapAttrs <named> <set> | listToAttrs <sets> | intersectAttrs <set> <set> | removeAttrs <set> <strings>
set: groupBy <name-of> <list>
set: unsafeGetAttrPos <string> <set> | partition <test> <list> | tryEval <any> | parseDrvName <string>
set: functionArgs <function>
set: zipAttrsWith <zipped> <sets> | getContext <string>
set: fromTOML <toml> | fromJSON <json> | head <sets> | elemAt <sets> <small> | foldl' <combine> <set> <sets>
set: removeAttrs <set> <list>
set: listToAttrs (builtins.attrValues <set>) | tryEval (builtins.deepSeq <any> <any>) | derivationStrict <set>
set: foldl' <named> <set> <strings>
function: add <int> | map <change> | elemAt <list> | getAttr <string> <set> | foldl' <combine> <any>
function: functionArgs <function>
any: seq <any> <any> | deepSeq <any> <any> | head <list> | elemAt <list> <small> | getAttr <string> <set>
any: foldl' <combine> <any> <list> | toJSON <any>
any: addErrorContext <string> <any> | trace <any> <any> | fromJSON (builtins.toJSON <any>) | throw <string>
any: warn <string> <any> | fromTOML <toml>
any: import <path> | scopedImport <set> <path> | readFile <path> | readDir <path> | tryEval (builtins.throw <string>)
any: break <any> | abort <string>
any: appendContext <string> <set> | derivation <set> | fromJSON <json> | functionArgs <any> | genericClosure <set>
"""


def _parse(text: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in text.strip().splitlines():
        kind, _, calls = line.partition(": ")
        templates = (tuple(re.split("[<>]", f"builtins.{call}")) for call in calls.split(" | "))
        found.setdefault(kind, []).extend(templates)
    return {kind: tuple(calls) for kind, calls in found.items()}


BUILTINS = _parse(_CALLS)
"""Calls by the kind of value that they have: text and kinds of arguments by turns."""

SPECIAL_ATTRIBUTES = (
    ("__toString", "name-of"),
    ("__functor", "combine"),
    ("outPath", "string"),
    ("outPath", "any"),
    ("type", "string"),
    ('type = "derivation"; x2', "any"),
    ("__overrides", "set"),
    ("__toString", "any"),
    ("__functor", "any"),
)
