/** Option declarations, how definitions merge by default, and how options are shown. */
{ lib }:

let
  inherit (builtins)
    all
    concatLists
    concatMap
    concatStringsSep
    filter
    foldl'
    head
    isAttrs
    isBool
    isInt
    isList
    isString
    length
    map
    mapAttrs
    match
    tail
    ;

  priorityHint = "Use `lib.mkForce value` or `lib.mkDefault value` to give one of these definitions precedence.";

  unknownModule = "<unknown-file>";

  showOption =
    path:
    concatStringsSep "." (
      map (
        part: if part == "*" || match "<.*>" part != null then part else lib.strings.escapeNixIdentifier part
      ) path
    );

  showFiles = files: concatStringsSep " and " (map (file: "`${file}'") files);

  # A value as a few lines of text; nothing if it cannot be evaluated.
  showValue =
    value:
    let
      pretty = builtins.tryEval (
        lib.generators.toPretty { } (
          lib.generators.withRecursion {
            depthLimit = 10;
            throwOnDepthLimit = false;
          } value
        )
      );
      lines = filter isString (builtins.split "\n" pretty.value);
      shown = lib.take 5 lines ++ lib.optional (length lines > 5) "...";
    in
    if !pretty.success then
      ""
    else if length lines > 1 then
      ":\n    " + concatStringsSep "\n    " shown
    else
      ": " + pretty.value;

  # Where a definition stands: the line too, unless its module calls itself otherwise than its file.
  showPlace =
    definition:
    let
      file = toString definition.file;
      position = definition.position or null;
    in
    if position != null && (position.file == file || position.file == file + "/default.nix") then
      "${position.file}:${toString position.line}:${toString position.column}"
    else
      file;

  showDefs = definitions: lib.concatMapStrings (definition: "\n- In `${showPlace definition}'${showValue definition.value}") definitions;

  getValues = map (definition: definition.value);

  mergeUniqueOption =
    {
      message,
      merge ? _: definitions: (head definitions).value,
    }:
    path: definitions:
    if length definitions == 1 then
      merge path definitions
    else
      throw "The option `${showOption path}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs definitions}\n${priorityHint}";

  taggedText =
    tag: text:
    if isString text then
      {
        _type = tag;
        inherit text;
      }
    else
      throw "${tag} expects a string.";

  mkOption =
    attributes@{
      default ? null,
      defaultText ? null,
      example ? null,
      description ? null,
      relatedPackages ? null,
      type ? null,
      apply ? null,
      internal ? null,
      visible ? null,
      readOnly ? null,
    }:
    attributes // { _type = "option"; };

  renderOptionValue =
    value:
    if value ? _type && value ? text then
      value
    else
      lib.literalExpression (
        lib.generators.toPretty {
          multiline = true;
          allowPrettyValues = true;
        } value
      );

  # A default is worth showing if it was written down, or if the type has an empty value of its own.
  hasShownDefault =
    option:
    option ? defaultText
    || option ? default
    || ((option.type or { }).emptyValue or { }) ? value && (option.type or { }).getSubModules or null == null;

  documentOption =
    option:
    let
      name = showOption option.loc;
      visible = option.visible or true;
    in
    {
      inherit (option) loc;
      inherit name;
      description = option.description or null;
      declarations = filter (file: file != unknownModule) option.declarations;
      internal = option.internal or false;
      visible = if isBool visible then visible else visible == "shallow";
      readOnly = option.readOnly or false;
      type = option.type.description or "unspecified";
    }
    // lib.optionalAttrs (option ? example) { example = renderOptionValue option.example; }
    // lib.optionalAttrs (hasShownDefault option) {
      default = builtins.addErrorContext "while evaluating the default value of option `${name}`" (
        renderOptionValue (option.defaultText or option.default or option.type.emptyValue.value)
      );
    }
    // lib.optionalAttrs (option.relatedPackages or null != null) { inherit (option) relatedPackages; };
in
{
  inherit
    getValues
    mergeUniqueOption
    mkOption
    renderOptionValue
    showDefs
    showFiles
    showOption
    showPlace
    unknownModule
    ;

  isOption = value: (value._type or "") == "option";

  mkEnableOption =
    what:
    mkOption {
      default = false;
      example = true;
      description = "Whether to enable ${what}.";
      type = lib.types.bool;
    };

  # pkgs -> name or path -> { nullable, default, example, extraDescription, pkgsText } -> option
  mkPackageOption =
    pkgs: name:
    {
      nullable ? false,
      default ? name,
      example ? null,
      extraDescription ? "",
      pkgsText ? "pkgs",
    }:
    let
      path = lib.toList default;
      shown = lib.attrsets.showAttrPath path;
      subject = if isList name then lib.last name else name;
      defaults =
        if default != null then
          {
            default = lib.attrByPath path (throw "${shown} cannot be found in ${pkgsText}") pkgs;
            defaultText = lib.literalExpression "${pkgsText}.${shown}";
          }
        else
          lib.optionalAttrs nullable { default = null; };
    in
    mkOption (
      defaults
      // {
        description = "The ${subject} package to use." + lib.optionalString (extraDescription != "") " ${extraDescription}";
        type = if nullable then lib.types.nullOr lib.types.package else lib.types.package;
      }
      // lib.optionalAttrs (example != null) {
        example = lib.literalExpression (
          if isList example then "${pkgsText}.${lib.attrsets.showAttrPath example}" else example
        );
      }
    );

  # Accepts and forgets every definition.
  mkSinkUndeclaredOptions =
    attributes:
    mkOption (
      {
        internal = true;
        visible = false;
        default = false;
        description = "Sink for option definitions.";
        type = lib.mkOptionType {
          name = "sink";
          check = _: true;
          merge = _: _: false;
        };
        apply = _: throw "Option value is not readable because the option is not declared.";
      }
      // attributes
    );

  # For options without a type: what can be joined is joined.
  mergeDefaultOption =
    path: definitions:
    let
      values = getValues definitions;
      first = head values;
    in
    if length values == 1 then
      first
    else if all lib.isFunction values then
      argument: lib.mergeDefaultOption path (map (definition: definition // { value = definition.value argument; }) definitions)
    else if all isList values then
      concatLists values
    else if all isAttrs values then
      foldl' (merged: value: merged // value) { } values
    else if all isBool values then
      builtins.any (value: value) values
    else if all isString values then
      lib.concatStrings values
    else if all isInt values && all (value: value == first) values then
      first
    else
      throw "Cannot merge definitions of `${showOption path}'. Definition values:${showDefs definitions}";

  mergeOneOption = mergeUniqueOption { message = ""; };

  mergeEqualOption =
    path: definitions:
    let
      first = head definitions;
      differing = filter (definition: definition.value != first.value) (tail definitions);
    in
    if definitions == [ ] then
      abort "mergeEqualOption was called without definitions."
    else if length definitions == 1 || differing == [ ] then
      first.value
    else
      throw "The option `${showOption path}' has conflicting definition values:${
        showDefs [
          first
          (head differing)
        ]
      }\n${priorityHint}";

  getFiles = map (definition: definition.file);

  # Options tree -> [ { name, loc, description, type, default?, example?, … } ], sub-options after their parent.
  optionAttrSetToDocList = lib.optionAttrSetToDocList' [ ];
  optionAttrSetToDocList' =
    _: options:
    concatMap (
      option:
      let
        visible = option.visible or true;
        nested = option.type.getSubOptions option.loc;
        showNested = if isBool visible then visible else visible == "transparent";
      in
      [ (documentOption option) ]
      ++ lib.optionals (showNested && nested != { }) (lib.optionAttrSetToDocList' option.loc nested)
    ) (lib.collect lib.isOption options);

  # Derivations become their names, so that showing a value builds nothing.
  scrubOptionValue =
    value:
    if lib.isDerivation value then
      {
        type = "derivation";
        drvPath = value.name;
        outPath = value.name;
        inherit (value) name;
      }
    else if isList value then
      map lib.scrubOptionValue value
    else if isAttrs value then
      mapAttrs (_: lib.scrubOptionValue) (removeAttrs value [ "_args" ])
    else
      value;

  literalExpression = taggedText "literalExpression";
  literalMD = taggedText "literalMD";
  literalCode = language: text: lib.literalMD "```${language}\n${text}\n```\n";

  showOptionWithDefLocs =
    option:
    "${showOption option.loc}, with values defined in:\n${
      lib.concatMapStringsSep "\n" (file: "  - ${file}") option.files
    }\n";
}
