/** Names of units, and text made safe for unit files (systemd.unit(5), systemd.syntax(7)). */
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    filter
    match
    replaceStrings
    substring
    toJSON
    ;

  kinds = [
    "service"
    "socket"
    "device"
    "mount"
    "automount"
    "swap"
    "target"
    "path"
    "timer"
    "scope"
    "slice"
  ];

  special = filter (character: match "[A-Za-z0-9:_.]" character == null) (
    lib.attrNames lib.strings.byteValues
  );
in
rec {
  unitNamePattern = "[a-zA-Z0-9@%:_.\\\\-]+[.](${concatStringsSep "|" kinds})";

  # A path as the name of a mount unit, without the suffix.
  escapeSystemdPath =
    path:
    let
      parts = filter (part: part != "") (lib.splitString "/" path);
      joined = lib.strings.escapeC (lib.remove "/" special) (concatStringsSep "/" parts);
      dashed = replaceStrings [ "/" ] [ "-" ] joined;
    in
    if parts == [ ] then
      "-"
    else if substring 0 1 dashed == "." then
      "\\x2e" + substring 1 (-1) dashed
    else
      dashed;

  # One argument of an Exec line: quoted, and neither specifiers nor variables are expanded.
  escapeSystemdExecArg =
    argument:
    let
      text =
        if builtins.isPath argument then
          "${argument}"
        else if builtins.isString argument || builtins.isInt argument || builtins.isFloat argument || lib.isDerivation argument then
          toString argument
        else
          throw "escapeSystemdExecArg only allows strings, paths, numbers and derivations";
    in
    replaceStrings [ "%" "$" ] [ "%%" "$$" ] (toJSON text);
  escapeSystemdExecArgs = lib.concatMapStringsSep " " escapeSystemdExecArg;

  # A line of tmpfiles.d(5), as far as that can be seen from it; several lines, and comments, are taken, too.
  # systemd-tmpfiles leaves out a line whose mode or age it cannot read. Quoted fields are left to it.
  tmpfilesRule =
    let
      field = pattern: "([[:space:]]+(-|${pattern}|[\"'%][^[:space:]]*)";
      line = "[[:space:]]*(#.*|[A-Za-z][-+!=~^$?]*[[:space:]]+([/%][^[:space:]]*${field tmpfilesMode}${field "[^[:space:]]+"}${field "[^[:space:]]+"}${field tmpfilesAge}([[:space:]].*)?)?)?)?)?[[:space:]]*|[\"'].*))?";
    in
    lib.mkOptionType {
      name = "tmpfilesRule";
      description = "rule of tmpfiles.d: a letter, a path that begins with a slash or a specifier, an octal mode, owner, group, an age such as 10d, and an argument";
      descriptionClass = "noun";
      check = text: builtins.isString text && lib.all (part: match line part != null) (lib.splitString "\n" text);
      merge = lib.mergeEqualOption;
    };
  tmpfilesMode = "[:~]{0,2}0*[0-7]{1,4}";
  tmpfilesAge = "~?([aAbBcCmM]+:)?(infinity|([0-9]+([.][0-9]+)?(${
    concatStringsSep "|" [
      "(u|µ|μ|m)?s(ec)?"
      "seconds?"
      "m|min|minutes?"
      "h|hr|hours?"
      "d|days?"
      "w|weeks?"
      "M|months?"
      "y|years?"
    ]
  })?)+)";

  # Refuses, in a set of units by name, names that no unit can have: when such a unit is looked at.
  namedUnits =
    option:
    let
      suffix = ".${lib.removeSuffix "s" (lib.last (lib.splitString "." option))}";
    in
    lib.mapAttrs (
      name: unit:
      if match "[a-zA-Z0-9@%:_.\\-]+" name == null then
        throw "${option}.\"${name}\": this is not the name of a unit, which has letters, digits and @ % : _ . \\ -"
      else if lib.hasSuffix suffix name then
        throw "${option}.\"${name}\": the name is given without its ending here: ${option}.${lib.strings.escapeNixIdentifier (lib.removeSuffix suffix name)}"
      else
        unit
    );

  # A unit's name as the name of a store path.
  mkPathSafeName = replaceStrings [ "@" ":" "\\" "[" "]" ] [ "-" "-" "-" "" "" ];
}
