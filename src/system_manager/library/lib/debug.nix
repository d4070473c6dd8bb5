/** Looking at values while they are evaluated, and tables of tests. */
{ lib }:

let
  inherit (builtins)
    deepSeq
    isAttrs
    isList
    mapAttrs
    toJSON
    trace
    ;

  # The value as far as `depth` reaches; what lies deeper is replaced.
  clip =
    depth: value:
    if isList value then
      if depth == 0 then [ "…" ] else map (clip (depth - 1)) value
    else if isAttrs value then
      if depth == 0 then { "…" = "…"; } else mapAttrs (_: clip (depth - 1)) value
    else
      value;
  traceFull = depth: value: result: trace (lib.generators.toPretty { allowPrettyValues = true; } (clip depth value)) result;
in
{
  inherit (builtins) addErrorContext trace unsafeGetAttrPos;

  traceIf =
    condition: message: value:
    if condition then trace message value else value;
  traceVal = value: trace value value;
  traceValFn = function: value: trace (function value) value;
  traceSeq = shown: result: trace (deepSeq shown shown) result;
  traceSeqN = traceFull;
  traceValSeq = lib.traceValSeqFn lib.id;
  traceValSeqFn = function: value: lib.traceValFn function (deepSeq value value);
  traceValSeqN = lib.traceValSeqNFn lib.id;
  traceValSeqNFn =
    function: depth: value:
    traceFull depth (function value) value;
  traceFnSeqN =
    depth: name: function: argument:
    let
      result = function argument;
    in
    traceFull depth {
      fn = name;
      from = argument;
      to = result;
    } result;

  # { name = { expr, expected }; } -> [ { name, expected, result } ] of those that differ.
  runTests =
    tests:
    let
      selected = if tests ? tests then tests.tests else builtins.filter (lib.hasPrefix "test") (builtins.attrNames tests);
    in
    builtins.concatMap (
      name:
      let
        test = tests.${name};
      in
      lib.optional (test.expr != test.expected) {
        inherit name;
        inherit (test) expected;
        result = test.expr;
      }
    ) (builtins.filter (name: name != "tests") selected);

  throwTestFailures =
    {
      failures,
      description ? "tests",
      ...
    }:
    if failures == [ ] then
      null
    else
      throw "${toString (builtins.length failures)} ${description} failed:\n${
        lib.concatMapStringsSep "\n" (
          failure: "- ${failure.name}: expected ${toJSON failure.expected}, got ${toJSON failure.result}"
        ) failures
      }";

  testAllTrue = expr: {
    inherit expr;
    expected = map (_: true) expr;
  };
}
