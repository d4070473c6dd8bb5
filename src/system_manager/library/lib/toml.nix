/** Values as TOML 1.0 (https://toml.io/en/v1.0.0). */
{ lib }:

let
  inherit (builtins)
    all
    concatStringsSep
    filter
    isAttrs
    isList
    isString
    map
    match
    toJSON
    ;

  isTable = value: isAttrs value && !lib.isStringLike value;
  isTableArray = value: isList value && value != [ ] && all isTable value;

  key = name: if match "[A-Za-z0-9_-]+" name != null then name else toJSON name;
  path = names: concatStringsSep "." (map key names);

  inlineValue =
    value:
    if isTable value then
      "{ ${concatStringsSep ", " (lib.mapAttrsToList (name: nested: "${key name} = ${inlineValue nested}") value)} }"
    else if isList value then
      "[${concatStringsSep ", " (map inlineValue value)}]"
    else if value == null then
      throw "toTOML: TOML has no null"
    else if isString value || isAttrs value || builtins.isPath value then
      toJSON (toString value)
    else
      toJSON value;

  # Plain values come before the tables below them, since a table header ends its parent.
  table =
    names: header: set:
    let
      present = lib.filterAttrs (_: value: value != null) set;
      plain = lib.filterAttrs (_: value: !isTable value && !isTableArray value) present;
      nested = lib.filterAttrs (_: value: isTable value || isTableArray value) present;
      own = map (line: line + "\n") (lib.mapAttrsToList (name: value: "${key name} = ${inlineValue value}") plain);
      below =
        name: value:
        let
          here = names ++ [ name ];
        in
        # A table that only holds tables needs no header of its own.
        if isTable value then
          table here (onlyTables: lib.optionalString (!onlyTables) "[${path here}]\n") value
        else
          concatStringsSep "\n" (map (table here (_: "[[${path here}]]\n")) value);
      head = header (plain == { } && nested != { });
    in
    concatStringsSep "\n" (
      filter (text: text != "") (
        [ (head + lib.concatStrings own) ] ++ lib.mapAttrsToList below nested
      )
    );
in
{
  # Attributes that are null are left out.
  toTOML = { }: table [ ] (_: "");
}
