/** Values written in the syntax of configuration files. Each generator takes its settings, then the value. */
{ lib }:

let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elem
    filter
    head
    isAttrs
    isBool
    isFloat
    isInt
    isList
    isPath
    isString
    length
    map
    mapAttrs
    replaceStrings
    split
    tail
    toJSON
    ;

  lines = text: filter isString (split "\n" text);

  refuse = kind: value: abort "generators.mkValueStringDefault: ${kind} not supported: ${toPretty { } value}";

  mkValueStringDefault =
    { }:
    value:
    if isString value then
      value
    else if isInt value || lib.isDerivation value then
      toString value
    else if isBool value then
      lib.boolToString value
    else if value == null then
      "null"
    else if isFloat value then
      lib.strings.floatToString value
    else if isList value then
      refuse "lists" value
    else if lib.isFunction value then
      refuse "functions" value
    else if isAttrs value then
      refuse "attrsets" value
    else
      refuse "this value is" (toString value);

  mkKeyValueDefault =
    {
      mkValueString ? mkValueStringDefault { },
    }:
    separator: key: value:
    "${lib.escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    let
      line = key: value: "${indent}${mkKeyValue key value}\n";
      values = value: if listsAsDuplicateKeys then lib.toList value else [ value ];
    in
    set: lib.concatStrings (concatLists (lib.mapAttrsToList (key: value: map (line key) (values value)) set));

  toINI =
    {
      mkSectionName ? lib.escape [
        "["
        "]"
      ],
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    sections:
    concatStringsSep "\n" (
      lib.mapAttrsToList (
        name: values: "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } values
      ) sections
    );

  quoteLine = lib.escape [
    "\\"
    "\""
    "\${"
  ];
  quoteIndented = replaceStrings [ "\${" "''" ] [ "''\${" "'''" ];

  toPretty =
    {
      allowPrettyValues ? false,
      multiline ? true,
      indent ? "",
    }:
    let
      # Text that begins a line inside something indented by `level`, and the one that ends it.
      open = level: if multiline then "\n${level}  " else " ";
      close = level: if multiline then "\n${level}" else " ";

      enclosed = level: left: right: items: "${left}${open level}${concatStringsSep (open level) items}${close level}${right}";

      text =
        level: value:
        let
          pieces = lines value;
          indented = map quoteIndented pieces;
          final = lib.last indented;
        in
        if multiline && length pieces > 1 then
          "''${open level}${concatStringsSep (open level) (lib.init indented)}${
            if final == "" then close level else open level + final
          }''"
        else
          "\"${concatStringsSep "\\n" (map quoteLine pieces)}\"";

      function =
        value:
        let
          formals = lib.functionArgs value;
          shown = lib.mapAttrsToList (name: optional: if optional then name + "?" else name) formals;
        in
        if formals == { } then "<function>" else "<function, args: {${concatStringsSep ", " shown}}>";

      attribute =
        level: name: value:
        "${lib.strings.escapeNixIdentifier name} = ${
          builtins.addErrorContext "while evaluating an attribute `${name}`" (go (level + "  ") value)
        };";

      set =
        level: value:
        if allowPrettyValues && value ? __pretty && value ? val then
          value.__pretty value.val
        else if value == { } then
          "{ }"
        else if lib.isDerivation value then
          "<derivation ${value.name or "???"}>"
        else
          enclosed level "{" "}" (lib.mapAttrsToList (attribute level) value);

      go =
        level: value:
        if isString value then
          text level value
        else if isInt value then
          toString value
        else if isBool value then
          lib.boolToString value
        else if value == null then
          "null"
        else if isFloat value then
          toJSON value
        else if isPath value then
          toString value
        else if value == [ ] then
          "[ ]"
        else if isList value then
          enclosed level "[" "]" (map (go (level + "  ")) value)
        else if lib.isFunction value then
          function value
        else
          set level value;
    in
    go indent;

  unseen = [
    "__functor"
    "__functionArgs"
    "__toString"
    "__pretty"
  ];

  isPlainSet = value: isAttrs value && !lib.isDerivation value;

  # { a.b.c = 1; } -> { "a.b".c = 1; }: the section names of git.
  gitSections =
    set:
    let
      leaves =
        path: value:
        if isPlainSet value then
          concatMap (name: leaves (path ++ [ name ]) value.${name}) (attrNames value)
        else if length path > 1 then
          [ { ${concatStringsSep "." (lib.init path)}.${lib.last path} = value; } ]
        else
          [ { ${head path} = value; } ];
      deep = filter (name: isAttrs set.${name} && builtins.any isPlainSet (builtins.attrValues set.${name})) (attrNames set);
    in
    removeAttrs set deep // lib.foldl lib.recursiveUpdate { } (leaves [ ] (lib.getAttrs deep set));

  gitSectionName =
    name:
    let
      parts = lib.splitString "." name;
    in
    if lib.hasInfix "\"" name || length parts == 1 then name else "${head parts} \"${concatStringsSep "." (tail parts)}\"";

  gitValue =
    value:
    mkValueStringDefault { } (
      if isString value then
        "\"${
          replaceStrings
            [
              "\n"
              "\t"
              "\""
              "\\"
            ]
            [
              "\\n"
              "\\t"
              "\\\""
              "\\\\"
            ]
            value
        }\""
      else
        value
    );
in
{
  inherit
    mkKeyValueDefault
    mkValueStringDefault
    toINI
    toKeyValue
    toPretty
    ;

  toINIWithGlobalSection =
    settings:
    {
      globalSection,
      sections ? { },
    }:
    lib.optionalString (globalSection != { }) (toKeyValue (removeAttrs settings [ "mkSectionName" ]) globalSection + "\n")
    + toINI settings sections;

  toGitINI =
    set:
    let
      line = key: value: "\t${mkKeyValueDefault { mkValueString = gitValue; } " = " key value}";
    in
    toINI {
      mkSectionName = gitSectionName;
      mkKeyValue = key: value: concatStringsSep "\n" (map (line key) (lib.toList value));
    } (gitSections set);

  toJSON = { }: toJSON;
  # Every JSON text is a YAML text.
  toYAML = { }: toJSON;

  inherit (import ./toml.nix { inherit lib; }) toTOML;

  # Replaces what lies deeper than the limit, so that printing a value that contains itself ends.
  withRecursion =
    {
      depthLimit,
      throwOnDepthLimit ? true,
    }:
    let
      limited =
        depth: value:
        if depthLimit == null || depth <= depthLimit then
          value
        else if throwOnDepthLimit then
          throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
        else
          "<unevaluated>";
      go =
        depth: value:
        let
          below = nested: go (depth + 1) (limited (depth + 1) nested);
        in
        if isAttrs value then
          mapAttrs (name: nested: if elem name unseen then nested else below nested) value
        else if isList value then
          map below value
        else
          limited (depth + 1) value;
    in
    assert isInt depthLimit;
    go 0;

  mkLuaInline = text: {
    _type = "lua-inline";
    expr = text;
  };
  toLua = import ./lua.nix { inherit lib; };
}
