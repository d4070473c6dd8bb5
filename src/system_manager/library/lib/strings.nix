/** Strings: joining, splitting, testing, changing. Quoting for other languages is in quoting.nix. */
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    fromJSON
    genList
    head
    isAttrs
    isInt
    isList
    isPath
    isString
    length
    map
    match
    replaceStrings
    split
    stringLength
    substring
    unsafeDiscardStringContext
    ;

  concatStrings = concatStringsSep "";
  concatMapStrings = function: list: concatStrings (map function list);

  characters = text: genList (index: substring index 1 text) (stringLength text);

  lower = characters "abcdefghijklmnopqrstuvwxyz";
  upper = characters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toLower = replaceStrings upper lower;
  toUpper = replaceStrings lower upper;

  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      start = stringLength text - stringLength suffix;
    in
    start >= 0 && substring start (-1) text == suffix;

  # A path never matches: it would be copied to the store for the comparison.
  unlessPath =
    function: value: result: otherwise:
    if isPath value then
      lib.warn "lib.strings.${function}: the first argument (${toString value}) is a path, and only strings are looked for; use toString" otherwise
    else
      result;

  escapedSeparator = lib.strings.escapeRegex;

  makeSearchPath =
    subDir: paths:
    concatStringsSep ":" (map (path: path + "/" + subDir) (filter (path: path != null) paths));
  makeSearchPathOutput =
    output: subDir: packages:
    makeSearchPath subDir (map (lib.getOutput output) packages);

  repeat = count: text: concatStrings (genList (_: text) count);

  integer =
    function: text: digits:
    let
      found = match "[[:space:]]*(-?)(${digits})[[:space:]]*" text;
      parsed = fromJSON (elemAt found 1);
    in
    if found == null then
      null
    else if head found == "-" then
      0 - parsed
    else
      parsed;

  # Leading zeros go, since JSON has none.
  stripZeros =
    text:
    let
      found = match "0*([0-9]+)" text;
    in
    head found;
in
(import ./quoting.nix { inherit lib; })
// (import ./spelling.nix { inherit lib; })
// {
  inherit (builtins)
    compareVersions
    concatStringsSep
    elem
    elemAt
    filter
    fromJSON
    genList
    head
    isAttrs
    isInt
    isList
    isPath
    isString
    match
    parseDrvName
    readFile
    replaceStrings
    split
    storeDir
    stringLength
    substring
    tail
    toJSON
    typeOf
    unsafeDiscardStringContext
    appendContext
    ;

  inherit
    concatMapStrings
    concatStrings
    hasPrefix
    hasSuffix
    makeSearchPath
    makeSearchPathOutput
    toLower
    toUpper
    ;

  lowerChars = lower;
  upperChars = upper;
  stringToCharacters = characters;

  join = concatStringsSep;
  replicate = repeat;
  concatMapStringsSep = separator: function: list: concatStringsSep separator (map function list);
  concatImapStrings = function: list: concatStrings (lib.imap1 function list);
  concatImapStringsSep = separator: function: list: concatStringsSep separator (lib.imap1 function list);
  concatMapAttrsStringSep =
    separator: function: set:
    concatStringsSep separator (lib.mapAttrsToList function set);
  # Every element ends in a newline.
  concatLines = concatMapStrings (line: line + "\n");

  intersperse =
    separator: list:
    if length list < 2 then
      list
    else
      builtins.tail (builtins.concatMap (value: [ separator value ]) list);

  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";

  # Several slashes in a row become one.
  normalizePath = path: concatStrings (map (piece: if isList piece then "/" else piece) (split "/+" path));

  optionalString = condition: text: if condition then text else "";

  hasInfix =
    infix: text:
    unlessPath "hasInfix" infix (infix == "" || replaceStrings [ infix ] [ "" ] text != "${text}") false;

  stringAsChars = function: text: concatMapStrings function (characters text);

  # Int of the first byte.
  charToInt = character: lib.strings.byteValues.${character};

  removePrefix =
    prefix: text:
    unlessPath "removePrefix" prefix (
      if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text
    ) text;
  removeSuffix =
    suffix: text:
    unlessPath "removeSuffix" suffix (
      if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text
    ) text;

  trim = lib.trimWith {
    start = true;
    end = true;
  };
  trimWith =
    {
      start ? false,
      end ? false,
    }:
    text:
    let
      blank = "[ \t\r\n]*";
      pattern =
        if start && end then
          "${blank}(.*[^ \t\r\n])${blank}"
        else if start then
          "${blank}([^ \t\r\n].*)"
        else
          "(.*[^ \t\r\n])${blank}";
      found = match pattern text;
    in
    if !start && !end then
      text
    else if found == null then
      ""
    else
      head found;

  replaceString = from: to: replaceStrings [ from ] [ to ];

  # The result keeps the context of the text.
  splitString =
    separator: text:
    let
      pieces = filter isString (split (escapedSeparator (unsafeDiscardStringContext (toString separator))) (toString text));
    in
    map (piece: lib.addContextFrom text piece) pieces;

  # Splits where `test previous character` holds; the separator stays with the following piece if asked for.
  splitStringBy =
    test: keep: text:
    let
      count = stringLength text;
      go =
        index: previous: piece: pieces:
        let
          current = substring index 1 text;
        in
        if index == count then
          pieces ++ [ piece ]
        else if index > 0 && test previous current || index == 0 && test "" current then
          go (index + 1) current (if keep then current else "") (pieces ++ [ piece ])
        else
          go (index + 1) current (piece + current) pieces;
    in
    if text == "" then [ "" ] else go 0 "" "" [ ];

  addContextFrom = source: target: substring 0 0 source + target;

  commonPrefixLength =
    a: b:
    let
      shorter = lib.min (stringLength a) (stringLength b);
      go = index: if index < shorter && substring index 1 a == substring index 1 b then go (index + 1) else index;
    in
    go 0;
  commonSuffixLength =
    a: b:
    let
      shorter = lib.min (stringLength a) (stringLength b);
      at = text: index: substring (stringLength text - index - 1) 1 text;
      go = index: if index < shorter && at a index == at b index then go (index + 1) else index;
    in
    go 0;

  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: builtins.compareVersions b a != 1;

  # From a derivation or the text "name-version".
  getName =
    value: if isAttrs value then value.pname or (builtins.parseDrvName value.name).name else (builtins.parseDrvName value).name;
  getVersion =
    value:
    if isAttrs value then value.version or (builtins.parseDrvName value.name).version else (builtins.parseDrvName value).version;

  # The file name of a URL up to the first separator.
  nameFromURL =
    url: separator:
    let
      file = lib.last (lib.splitString "/" url);
      name = head (lib.splitString separator file);
    in
    assert name != file;
    name;

  fixedWidthString =
    width: filler: text:
    let
      missing = width - stringLength text;
    in
    if missing < 0 then
      throw "fixedWidthString: requested width ${toString width} is smaller than the text's ${toString (stringLength text)}, ${text}"
    else
      substring 0 missing (repeat missing filler) + text;
  fixedWidthNumber = width: number: lib.fixedWidthString width "0" (toString number);

  # Shortest decimal form; precision of a float is six digits, as in toString.
  floatToString =
    number:
    let
      text = toString number;
      exact = fromJSON text == number;
    in
    lib.warnIf (!exact) "Imprecise conversion from float to string ${text}" text;

  isConvertibleWithToString =
    value:
    lib.isStringLike value
    || elem (builtins.typeOf value) [ "null" "int" "float" "bool" ]
    || (isList value && builtins.all lib.strings.isConvertibleWithToString value);

  isStringLike = value: isString value || isPath value || (isAttrs value && (value ? outPath || value ? __toString));

  # A top-level store path, not something inside it.
  isStorePath =
    value:
    lib.isStringLike value
    && (
      let
        text = toString value;
      in
      substring 0 1 text == "/" && dirOf text == builtins.storeDir
    );

  toInt =
    text:
    let
      number = integer "toInt" text "0|[1-9][0-9]*";
      ambiguous = match "[[:space:]]*-?0[0-9]+[[:space:]]*" text != null;
    in
    if number != null then
      number
    else if ambiguous then
      throw "toInt: Ambiguity in interpretation of ${lib.strings.escapeNixString text} between octal and zero padded integer."
    else
      throw "toInt: Could not convert ${lib.strings.escapeNixString text} to int.";
  toIntBase10 =
    text:
    let
      found = match "[[:space:]]*(-?)0*([0-9]+)[[:space:]]*" text;
      parsed = fromJSON (stripZeros (elemAt found 1));
    in
    if found == null then
      throw "toIntBase10: Could not convert ${lib.strings.escapeNixString text} to int."
    else if head found == "-" then
      0 - parsed
    else
      parsed;

  # The contents without a final newline.
  fileContents = file: lib.removeSuffix "\n" (builtins.readFile file);

  # Characters that a derivation name may not have become dashes; at most 207 remain.
  sanitizeDerivationName =
    name:
    let
      text = unsafeDiscardStringContext name;
      undotted = head (match "\\.*(.*)" text);
      pieces = map (piece: if isString piece then piece else "-") (split "[^[:alnum:]+._?=-]+" undotted);
      joined = concatStrings pieces;
      clipped = substring (lib.max (stringLength joined - 207) 0) (-1) joined;
    in
    if stringLength text <= 207 && match "[[:alnum:]+_?=-][[:alnum:]+._?=-]*" text != null then
      text
    else if clipped == "" then
      "unknown"
    else
      clipped;

  enableFeature = flag: name: "--${if flag then "enable" else "disable"}-${name}";
  enableFeatureAs = flag: name: value: lib.enableFeature flag name + lib.optionalString flag "=${value}";
  withFeature = flag: name: "--${if flag then "with" else "without"}-${name}";
  withFeatureAs = flag: name: value: lib.withFeature flag name + lib.optionalString flag "=${value}";

  cmakeOptionType =
    type: name: value:
    assert elem (toUpper type) [ "BOOL" "FILEPATH" "INTERNAL" "PATH" "STATIC" "STRING" ];
    "-D${name}:${toUpper type}=${value}";
  cmakeBool = name: flag: lib.cmakeOptionType "bool" name (toUpper (lib.boolToString flag));
  cmakeFeature = name: value: lib.cmakeOptionType "string" name value;
  mesonOption = name: value: "-D${name}=${value}";
  mesonBool = name: flag: lib.mesonOption name (lib.boolToString flag);
  mesonEnable = name: flag: lib.mesonOption name (if flag then "enabled" else "disabled");
}
