/** Values as a Lua expression. */
{ lib }:

{
  multiline ? true,
  indent ? "",
  asBindings ? false,
}:
value:

let
  inherit (builtins)
    concatStringsSep
    isAttrs
    isList
    match
    toJSON
    ;

  keywords = [
    "and" "break" "do" "else" "elseif" "end" "false" "for" "function" "goto" "if" "in"
    "local" "nil" "not" "or" "repeat" "return" "then" "true" "until" "while"
  ];
  isName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null && !builtins.elem name keywords;

  inner = indent + "  ";
  nested = lib.generators.toLua {
    inherit multiline;
    indent = inner;
  };
  enclosed =
    items:
    if multiline then
      "{\n${inner}${concatStringsSep ",\n${inner}" items}\n${indent}}"
    else
      "{ ${concatStringsSep ", " items} }";
  field = name: item: "[${toJSON name}] = ${nested item}";
  binding =
    name: item:
    if isName name then
      "${indent}${name} = ${lib.generators.toLua { inherit multiline indent; } item}\n"
    else
      throw "generators.toLua: ${toJSON name} is not a Lua name";
in
if asBindings then
  lib.concatStrings (lib.mapAttrsToList binding value)
else if value == null then
  "nil"
else if builtins.isInt value || builtins.isFloat value || builtins.isBool value || builtins.isString value then
  toJSON value
else if lib.isStringLike value then
  toJSON (toString value)
else if value._type or null == "lua-inline" then
  "(${value.expr})"
else if isList value then
  if value == [ ] then "{}" else enclosed (map nested value)
else if isAttrs value then
  if value == { } then "{}" else enclosed (lib.mapAttrsToList field value)
else
  abort "generators.toLua: type ${builtins.typeOf value} is unsupported"
