# Strings: interpolation, splitting, joining, replacing, hashing.
let
  inherit (builtins) concatStringsSep filter foldl' genList hashString isString replaceStrings split stringLength substring;
  line = n: "user${toString n}:x:${toString (1000 + n)}:100:User ${toString n},,,:/home/user${toString n}:/bin/sh";
  text = concatStringsSep "\n" (genList line 2500);
  lines = filter isString (split "\n" text);
  fields = map (l: filter isString (split ":" l)) lines;
  homes = map (f: builtins.elemAt f 5) fields;
  escaped = map (replaceStrings [ "/" "-" " " ] [ "-" "\\x2d" "\\x20" ]) homes;
  initials = map (h: substring 6 4 h) homes;
in
{
  length = stringLength (concatStringsSep "," escaped);
  hash = foldl' (hash: s: hashString "sha256" (hash + s)) "" initials;
}
