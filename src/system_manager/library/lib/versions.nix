/** Version numbers as texts: "1.20.3pre4". */
{ lib }:

let
  inherit (builtins) concatStringsSep elemAt length;

  parts = builtins.splitVersion;
in
{
  inherit (builtins) compareVersions splitVersion;

  major = version: elemAt (parts version) 0;
  minor = version: elemAt (parts version) 1;
  patch = version: elemAt (parts version) 2;
  majorMinor = version: concatStringsSep "." (lib.take 2 (parts version));

  # Exactly `count` numbers, filled up with zeros; what follows a dash is kept.
  pad =
    count: version:
    let
      pieces = lib.splitString "-" version;
      numbers = parts (builtins.head pieces);
      filled = lib.take count (numbers ++ lib.replicate (lib.max 0 (count - length numbers)) "0");
    in
    concatStringsSep "-" ([ (concatStringsSep "." filled) ] ++ builtins.tail pieces);
}
