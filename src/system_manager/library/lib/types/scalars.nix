/** Types of single values: truth, numbers, texts, paths, packages, choices. */
{ lib, foundation }:

let
  inherit (builtins)
    concatStringsSep
    elem
    filter
    foldl'
    hasContext
    head
    isAttrs
    isBool
    isFloat
    isInt
    isPath
    isString
    length
    map
    match
    substring
    toJSON
    typeOf
    ;
  inherit (foundation) addCheck defaultFunctor mkOptionType;
  inherit (lib)
    mergeEqualOption
    mergeOneOption
    showFiles
    showOption
    ;

  noun =
    name: description: check: merge:
    mkOptionType {
      inherit
        name
        description
        check
        merge
        ;
      descriptionClass = "noun";
    };

  anyValue = _: true;

  int = noun "int" "signed integer" isInt mergeEqualOption;
  float = noun "float" "floating point number" isFloat mergeEqualOption;
  number = lib.types.either int float;
  str = noun "str" "string" isString mergeEqualOption;

  restricted =
    type: name: description: check:
    addCheck type check
    // {
      inherit name description;
      descriptionClass = "nonRestrictiveClause";
    };

  limits = lowest: highest: "${toString lowest} and ${toString highest} (both inclusive)";

  between =
    lowest: highest:
    assert lib.assertMsg (lowest <= highest) "ints.between: lowest must be smaller than highest";
    addCheck int (value: value >= lowest && value <= highest)
    // {
      name = "intBetween";
      description = "integer between ${limits lowest highest}";
    };
  sized =
    name: what: lowest: highest:
    between lowest highest
    // {
      inherit name;
      description = "${what}; between ${limits lowest highest}";
    };
  unsignedOf = bits: count: sized "unsignedInt${bits}" "${bits} bit unsigned integer" 0 (count - 1);
  signedOf = bits: count: sized "signedInt${bits}" "${bits} bit signed integer" (0 - count / 2) (count / 2 - 1);

  ints = {
    inherit between;
    unsigned = restricted int "unsignedInt" "unsigned integer, meaning >=0" (value: value >= 0);
    positive = restricted int "positiveInt" "positive integer, meaning >0" (value: value > 0);
    u8 = unsignedOf "8" 256;
    u16 = unsignedOf "16" 65536;
    u32 = unsignedOf "32" 4294967296;
    s8 = signedOf "8" 256;
    s16 = signedOf "16" 65536;
    s32 = signedOf "32" 4294967296;
  };

  strMatching =
    pattern:
    mkOptionType {
      name = "strMatching ${lib.strings.escapeNixString pattern}";
      description = "string matching the pattern ${pattern}";
      descriptionClass = "noun";
      check = value: isString value && match pattern value != null;
      merge = mergeEqualOption;
      functor = defaultFunctor "strMatching" // {
        type = payload: strMatching payload.pattern;
        payload = { inherit pattern; };
        binOp = a: b: if a == b then a else null;
      };
    };

  separatedString =
    separator:
    mkOptionType {
      name = "separatedString";
      description = "strings concatenated with ${toJSON separator}";
      descriptionClass = "noun";
      check = isString;
      merge = _: definitions: concatStringsSep separator (lib.getValues definitions);
      functor = defaultFunctor "separatedString" // {
        type = payload: separatedString payload.sep;
        payload.sep = separator;
        binOp = a: b: if a == b then a else null;
      };
    };

  package = mkOptionType {
    name = "package";
    descriptionClass = "noun";
    check = value: lib.isDerivation value || lib.isStorePath value;
    merge =
      path: definitions:
      let
        value = mergeOneOption path definitions;
      in
      if isPath value || (isString value && !hasContext value) then lib.toDerivation value else value;
  };

  pathWith =
    {
      inStore ? null,
      absolute ? null,
    }:
    let
      # A true path could be copied to the store later on, so it does not count as outside of it.
      kind = if inStore == false then isString else lib.isStringLike;
      isInStore =
        value:
        let
          text = toString value;
        in
        lib.path.hasStorePathPrefix (/. + builtins.unsafeDiscardStringContext text);
      isAbsolute = value: substring 0 1 (toString value) == "/";
    in
    if inStore == true && absolute == false then
      throw "In pathWith, inStore means the path must be absolute"
    else
      mkOptionType {
        name = "path";
        description = concatStringsSep "" [
          (if absolute == null then "" else if absolute then "absolute " else "relative ")
          "path"
          (if inStore == null then "" else if inStore then " in the Nix store" else " not in the Nix store")
        ];
        descriptionClass = "noun";
        check =
          value:
          kind value
          && (inStore == null || inStore == (isAbsolute value && isInStore value))
          && (absolute == null || absolute == isAbsolute value);
        merge = mergeEqualOption;
        functor = defaultFunctor "path" // {
          type = pathWith;
          payload = { inherit inStore absolute; };
          binOp = a: b: if a == b then a else null;
        };
      };

  showChoice =
    value:
    if isString value then
      "\"${value}\""
    else if isInt value then
      toString value
    else if isBool value then
      lib.boolToString value
    else
      "<${typeOf value}>";

  enum =
    values:
    mkOptionType {
      name = "enum";
      description =
        if values == [ ] then
          "impossible (empty enum)"
        else if length values == 1 then
          "value ${showChoice (head values)} (singular enum)"
        else
          "one of ${lib.concatMapStringsSep ", " showChoice values}";
      descriptionClass = if length values < 2 then "noun" else "conjunction";
      check = value: elem value values;
      merge = mergeEqualOption;
      functor = defaultFunctor "enum" // {
        type = payload: enum payload.values;
        payload = { inherit values; };
        binOp = a: b: { values = lib.unique (a.values ++ b.values); };
      };
    };

  # By kind: sets name by name, functions at their results, everything else must be equal.
  mergeAnything =
    path: definitions:
    let
      kindOf = value: if isAttrs value && lib.isStringLike value then "text" else typeOf value;
      kind = kindOf (head definitions).value;
      odd = filter (definition: kindOf definition.value != kind) definitions;
    in
    if odd != [ ] then
      throw "The option `${showOption path}' has conflicting option types in ${showFiles (lib.getFiles definitions)}"
    else if kind == "set" then
      (lib.types.attrsOf lib.types.anything).merge path definitions
    else if kind == "text" then
      mergeOneOption path definitions
    else if kind == "lambda" then
      argument:
      mergeAnything (path ++ [ "<function body>" ]) (
        map (definition: definition // { value = definition.value argument; }) definitions
      )
    else
      mergeEqualOption path definitions;
in
{
  inherit
    enum
    float
    int
    ints
    number
    package
    pathWith
    separatedString
    str
    strMatching
    ;

  raw = noun "raw" "raw value" anyValue mergeOneOption;
  anything = noun "anything" "anything" anyValue mergeAnything;
  unspecified = noun "unspecified" "unspecified value" anyValue lib.mergeDefaultOption;

  bool = noun "bool" "boolean" isBool mergeEqualOption;
  boolByOr = noun "boolByOr" "boolean (merged using or)" isBool (
    _: foldl' (result: definition: result || definition.value) false
  );

  port = ints.u16;
  numbers = {
    between =
      lowest: highest:
      assert lib.assertMsg (lowest <= highest) "numbers.between: lowest must be smaller than highest";
      addCheck number (value: value >= lowest && value <= highest)
      // {
        name = "numberBetween";
        description = "integer or floating point number between ${toJSON lowest} and ${toJSON highest} (both inclusive)";
      };
    nonnegative = restricted number "numberNonnegative" "nonnegative integer or floating point number, meaning >=0" (
      value: value >= 0
    );
    positive = restricted number "numberPositive" "positive integer or floating point number, meaning >0" (
      value: value > 0
    );
  };

  nonEmptyStr = noun "nonEmptyStr" "non-empty string" (
    value: isString value && match "[ \t\n]*" value == null
  ) mergeEqualOption;
  singleLineStr = noun "singleLineStr" "(optionally newline-terminated) single-line string" (
    value: isString value && match "[^\n\r]*\n?" value != null
  ) (path: definitions: lib.removeSuffix "\n" (mergeEqualOption path definitions));
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";

  passwdEntry =
    type:
    addCheck type (text: !(lib.hasInfix ":" text || lib.hasInfix "\n" text))
    // {
      name = "passwdEntry ${type.name}";
      description = "${
        foundation.optionDescriptionPhrase (class: class == "noun") type
      }, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
    };

  attrs = mkOptionType {
    name = "attrs";
    description = "attribute set";
    check = isAttrs;
    merge = _: foldl' (merged: definition: merged // definition.value) { };
    emptyValue.value = { };
  };

  shellPackage = package // {
    check = value: lib.isDerivation value && value ? shellPath;
  };
  pkgs = addCheck (
    lib.types.unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } lib.types.attrs
    // {
      name = "pkgs";
      descriptionClass = "noun";
      description = "Nixpkgs package set";
    }
  ) (value: (value._type or null) == "pkgs");

  path = pathWith { absolute = true; };
  pathInStore = pathWith { inStore = true; };
  externalPath = pathWith {
    absolute = true;
    inStore = false;
  };

  luaInline = noun "luaInline" "inline lua" (value: value._type or null == "lua-inline") mergeEqualOption;

  optionDeclaration = noun "optionDeclaration" "option declaration" (
    value: lib.isOption value && !(value ? value)
  ) lib.mergeDefaultOption;

  optionType = noun "optionType" "optionType" foundation.isOptionType (
    path: definitions:
    if length definitions == 1 then
      (head definitions).value
    else
      (lib.fixupOptionType path (
        lib.mergeOptionDecls path (
          map (definition: {
            _file = definition.file;
            options = lib.mkOption { type = definition.value; };
          }) definitions
        )
      )).type
  );
}
