/**
  Functions on no particular kind of value: composition, comparison, arithmetic
  on bits and digits, warnings, and functions as data.
*/
{ lib }:

let
  inherit (builtins)
    bitAnd
    bitOr
    bitXor
    div
    elemAt
    foldl'
    fromJSON
    fromTOML
    genList
    isAttrs
    isFunction
    isInt
    length
    readFile
    stringLength
    substring
    ;

  digits = "0123456789ABCDEF";

  hexValues = {
    "0" = 0; "1" = 1; "2" = 2; "3" = 3; "4" = 4; "5" = 5; "6" = 6; "7" = 7; "8" = 8; "9" = 9;
    a = 10; b = 11; c = 12; d = 13; e = 14; f = 15;
    A = 10; B = 11; C = 12; D = 13; E = 14; F = 15;
  };

  # The release whose names and behaviour this library follows. Modules compare against it.
  release = "26.05";
  supportedSince = 2511;

  # Nix prints a warning of its own since 2.23; an older evaluator has only trace.
  printWarning = builtins.warn or (message: builtins.trace "warning: ${message}");

  mod = base: modulus: base - modulus * div base modulus;
in
{
  inherit (builtins)
    bitAnd
    bitOr
    bitXor
    ceil
    deepSeq
    floor
    genericClosure
    isBool
    isFloat
    isInt
    lessThan
    add
    sub
    pathExists
    readFile
    seq
    ;

  inherit mod release printWarning;

  # a -> a
  id = value: value;

  # a -> b -> a
  const = value: _: value;

  # a -> [ functions ] -> b: the value is handed through the functions from left to right.
  pipe = foldl' (value: function: function value);

  # [a] -> [a] -> [a]
  concat = left: right: left ++ right;

  "or" = left: right: left || right;
  and = left: right: left && right;
  xor = left: right: left != right;
  mul = left: right: left * right;
  inherit div;
  bitNot = number: -1 - number;

  boolToString = value: if value then "true" else "false";
  boolToYesNo = value: if value then "yes" else "no";

  mergeAttrs = left: right: left // right;

  # (a -> b -> c) -> b -> a -> c
  flip = function: second: first: function first second;

  defaultTo = default: value: if value == null then default else value;
  mapNullable = function: value: if value == null then null else function value;

  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;

  # a -> a -> -1 | 0 | 1
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;

  # Values for which `test` holds come first and compare with `yes`; the others compare with `no`.
  splitByAndCompare =
    test: yes: no: a: b:
    if test a then (if test b then yes a b else -1) else if test b then 1 else no a b;

  importJSON = path: fromJSON (readFile path);
  importTOML = path: fromTOML (readFile path);

  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);

  # Version of the interface, for modules that ask for it.
  version = release;
  nixpkgsVersion = release;
  versionSuffix = "";
  codeName = "Yarara";
  revisionWithDefault = default: default;
  oldestSupportedRelease = supportedSince;
  isInOldestRelease = wanted: wanted <= supportedSince;
  oldestSupportedReleaseIsAtLeast = wanted: wanted <= supportedSince;

  warn =
    message:
    if builtins.getEnv "NIX_ABORT_ON_WARN" == "" then
      printWarning message
    else
      _: abort "warning treated as an error (NIX_ABORT_ON_WARN): ${message}";
  warnIf = condition: message: if condition then lib.warn message else value: value;
  warnIfNot = condition: message: if condition then value: value else lib.warn message;
  throwIf = condition: message: if condition then throw message else value: value;
  throwIfNot = condition: message: if condition then value: value else throw message;
  info = message: builtins.trace "INFO: ${message}";
  showWarnings = warnings: result: foldl' (rest: message: lib.warn message rest) result warnings;

  # String -> [a] -> [a] -> b -> b: refuses elements that are not among the allowed ones.
  checkListOfEnum =
    what: allowed: given:
    let
      unknown = lib.subtractLists allowed given;
      listed = builtins.concatStringsSep ", " (map (lib.generators.toPretty { }) unknown);
    in
    if unknown == [ ] then
      value: value
    else
      throw "${what}: ${listed} unexpected; valid ones: ${
        builtins.concatStringsSep ", " (map (lib.generators.toPretty { }) allowed)
      }";

  isFunction = value: isFunction value || (isAttrs value && value ? __functor && isFunction (value.__functor value));

  # A function is itself, any other value a constant function.
  toFunction = value: if lib.isFunction value then value else _: value;

  # A function whose formal arguments can be told, also when it hides behind a functor.
  setFunctionArgs = function: formals: {
    __functor = _: function;
    __functionArgs = formals;
  };
  functionArgs =
    function:
    if isAttrs function && function ? __functor then
      function.__functionArgs or (lib.functionArgs (function.__functor function))
    else
      builtins.functionArgs function;
  mirrorFunctionArgs =
    original:
    let
      formals = lib.functionArgs original;
    in
    function: lib.setFunctionArgs function formals;

  # Int -> Int -> [Int]: most significant digit first; zero has the one digit zero.
  toBaseDigits =
    base: number:
    let
      go =
        rest: collected:
        if rest < base then [ rest ] ++ collected else go (div rest base) ([ (mod rest base) ] ++ collected);
    in
    assert isInt base && isInt number && base >= 2 && number >= 0;
    go number [ ];

  toHexString =
    number: builtins.concatStringsSep "" (map (digit: substring digit 1 digits) (lib.toBaseDigits 16 number));

  # String -> Int: with or without the leading "0x".
  fromHexString =
    text:
    let
      found = builtins.match "(0[xX])?([0-9a-fA-F]+)" text;
      body = elemAt found 1;
      values = genList (index: hexValues.${substring index 1 body}) (stringLength body);
    in
    if found == null then
      throw "fromHexString: ${builtins.toJSON text} is not a hexadecimal number"
    else
      foldl' (sum: value: sum * 16 + value) 0 values;
}
