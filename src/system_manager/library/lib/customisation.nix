/** Functions whose arguments can be changed afterwards, and how packages are called. */
{ lib }:

let
  inherit (builtins)
    all
    attrNames
    attrValues
    filter
    head
    intersectAttrs
    isAttrs
    listToAttrs
    map
    mapAttrs
    removeAttrs
    ;
  inherit (lib) functionArgs isFunction mirrorFunctionArgs;

  callable = function: if isFunction function then function else import function;

  overrideDerivation =
    package: change:
    lib.extendDerivation true (
      {
        meta = package.meta or { };
        passthru = package.passthru or { };
      }
      // package.passthru or { }
    ) (derivation (package.drvAttrs // change package));

  makeOverridable =
    function:
    let
      like = mirrorFunctionArgs function;
      make =
        arguments:
        let
          result = function arguments;
          override = like (
            change: makeOverridable function (arguments // (if isFunction change then change arguments else change))
          );
          through = derive: makeOverridable (like derive) arguments;
        in
        if isAttrs result then
          result
          // {
            inherit override;
            overrideDerivation = change: through (given: overrideDerivation (function given) change);
          }
          // lib.optionalAttrs (result ? overrideAttrs) {
            overrideAttrs = change: through (given: (function given).overrideAttrs change);
          }
        else if isFunction result then
          lib.setFunctionArgs result (functionArgs result) // { inherit override; }
        else
          result;
    in
    if isAttrs function then
      function
      // like make
      // lib.optionalAttrs (function ? override) { override = change: makeOverridable (function.override change); }
    else
      like make;

  missingArgument =
    available: formals: missing:
    let
      name = head (filter (formal: !formals.${formal}) (attrNames missing));
      position = builtins.unsafeGetAttrPos name formals;
      near = lib.take 3 (
        lib.sortOn (lib.strings.levenshtein name) (
          filter (lib.strings.levenshteinAtMost 2 name) (attrNames available)
        )
      );
    in
    "callPackage: the function needs the argument \"${name}\", which there is no package for${
      lib.optionalString (position != null) ", at ${position.file}:${toString position.line}"
    }${lib.optionalString (near != [ ]) "; did you mean ${builtins.concatStringsSep " or " (map builtins.toJSON near)}?"}";
in
{
  inherit makeOverridable overrideDerivation;

  # packages -> function or file -> explicit arguments -> result with `override`
  callPackageWith =
    packages: function: explicit:
    let
      target = callable function;
      formals = functionArgs target;
      arguments = intersectAttrs formals packages // explicit;
      missing = removeAttrs formals (attrNames arguments);
    in
    if all (optional: optional) (attrValues missing) then
      makeOverridable target arguments
    else
      abort (missingArgument (packages // explicit) formals missing);

  # As callPackageWith, for a function that yields a set of packages.
  callPackagesWith =
    packages: function: explicit:
    let
      target = callable function;
      arguments = intersectAttrs (functionArgs target) packages // explicit;
      result = target arguments;
    in
    if lib.isDerivation result then
      throw "callPackages was called for the single derivation \"${result.name or "<unknown-name>"}\"; use callPackage"
    else
      mapAttrs (name: _: makeOverridable (mirrorFunctionArgs target (given: (target given).${name})) arguments) result;

  # Further attributes for a derivation and each of its outputs; the condition guards the paths.
  extendDerivation =
    condition: extra: package:
    let
      guarded = output: {
        drvPath =
          assert condition;
          output.drvPath;
        outPath =
          assert condition;
          output.outPath;
      };
      outputs = map (name: {
        inherit name;
        value =
          whole
          // {
            inherit (package.${name}) type outputName;
            outputSpecified = true;
          }
          // guarded package.${name};
      }) (package.outputs or [ "out" ]);
      whole =
        package
        // listToAttrs outputs
        // {
          all = map (output: output.value) outputs;
        }
        // extra
        // guarded package;
    in
    whole;

  hydraJob = package: package;

  # A package set of its own on top of another.
  makeScope =
    newScope: function:
    let
      self = {
        callPackage = self.newScope { };
      }
      // function self
      // {
        newScope = extra: newScope (self // extra);
        overrideScope = change: lib.makeScope newScope (lib.extends change function);
        packages = function;
      };
    in
    self;
}
