# The second byte of é, 0xa9, comes after ASCII and before all that begin a character.
let
  byte = builtins.substring 1 1 "é";
  texts = [ "😀" "é" byte "z" "￿" "a${byte}" "" ];
  place = text: builtins.head (builtins.filter (index: builtins.elemAt texts index == text) (builtins.genList (x: x) 7));
  set = builtins.listToAttrs (map (name: { inherit name; value = place name; }) texts);
in {
  sorted = map place (builtins.sort builtins.lessThan texts);
  sortedByFunction = map place (builtins.sort (a: b: a < b) texts);
  less = map (text: byte < text) texts;
  greater = map (text: byte > text) texts;
  names = map place (builtins.attrNames set);
  values = builtins.attrValues set;
  lists = [ byte ] < [ "é" ];
}
