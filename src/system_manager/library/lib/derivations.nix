/** Derivations as values. */
{ lib }:

{
  inherit (builtins) addDrvOutputDependencies unsafeDiscardOutputDependency;

  # A derivation whose names are known without evaluating it.
  lazyDerivation =
    {
      derivation,
      meta ? null,
      passthru ? { },
      outputs ? [ "out" ],
    }@given:
    let
      checked =
        if derivation.type or null != "derivation" then
          throw "lazyDerivation: input must be a derivation."
        else if derivation.outputs != outputs then
          throw "lazyDerivation: ${derivation.name or "<unknown>"} has the outputs ${toString derivation.outputs}, not ${toString outputs}."
        else
          derivation;
    in
    {
      type = "derivation";
      inherit outputs passthru;
      inherit (checked)
        name
        system
        outPath
        drvPath
        outputName
        ;
      meta = if given ? meta then meta else checked.meta;
    }
    // lib.genAttrs outputs (output: checked.${output})
    // passthru;

  # null leaves an attribute out of the environment of a derivation.
  optionalDrvAttr = condition: value: if condition then value else null;

  warnOnInstantiate =
    message: package:
    let
      warned = builtins.mapAttrs (_: lib.warn message) (
        removeAttrs package [
          "meta"
          "name"
          "type"
          "outputName"
        ]
      );
    in
    package
    // {
      inherit (warned) drvPath outPath;
    };
}
