/** Attribute sets as command-line options. */
{ lib }:

let
  inherit (builtins) concatLists concatMap isBool isList stringLength;

  inherit (lib.generators) mkValueStringDefault;

  render =
    format: name: value:
    let
      shape = format name;
      explicit = shape.explicitBool;
      argument = (shape.formatArg or (mkValueStringDefault { })) value;
    in
    if value == null || value == false && !explicit then
      [ ]
    else if value == true && !explicit then
      [ shape.option ]
    else if shape.sep == null then
      [
        shape.option
        argument
      ]
    else
      [ "${shape.option}${shape.sep}${argument}" ];

  # (name -> { option, sep, explicitBool, formatArg? }) -> set -> [arguments]
  toCommandLine =
    format: set:
    concatLists (
      lib.mapAttrsToList (
        name: value:
        if name == "" then
          throw "lib.cli.toCommandLine only accepts non-empty option names."
        else
          concatMap (render format name) (lib.toList value)
      ) set
    );

  toCommandLineGNU =
    {
      isLong ? name: stringLength name > 1,
      explicitBool ? false,
      formatArg ? mkValueStringDefault { },
    }:
    toCommandLine (
      name:
      let
        long = isLong name;
      in
      {
        option = if long then "--${name}" else "-${name}";
        sep = if long then "=" else "";
        inherit explicitBool formatArg;
      }
    );

  toGNUCommandLine =
    {
      mkOptionName ? name: if stringLength name == 1 then "-${name}" else "--${name}",
      mkBool ? name: value: lib.optional value (mkOptionName name),
      mkList ? name: value: concatMap (mkOption name) value,
      optionValueSeparator ? null,
      mkOption ?
        name: value:
        if value == null then
          [ ]
        else if optionValueSeparator == null then
          [
            (mkOptionName name)
            (mkValueStringDefault { } value)
          ]
        else
          [ "${mkOptionName name}${optionValueSeparator}${mkValueStringDefault { } value}" ],
    }:
    set:
    concatLists (
      lib.mapAttrsToList (
        name: value:
        if isBool value then
          mkBool name value
        else if isList value then
          mkList name value
        else
          mkOption name value
      ) set
    );
in
{
  inherit toCommandLine toCommandLineGNU toGNUCommandLine;

  toCommandLineShell = format: set: lib.escapeShellArgs (toCommandLine format set);
  toCommandLineShellGNU = settings: set: lib.escapeShellArgs (toCommandLineGNU settings set);
  toGNUCommandLineShell = settings: set: lib.escapeShellArgs (toGNUCommandLine settings set);
}
