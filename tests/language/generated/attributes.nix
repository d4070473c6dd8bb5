let
  s = rec {
    x = y.z or 1;
    y = { z = "a${x}b"; };
    ${"dynamic"} = builtins.isAttrs y;
    inherit (y) z;
  };
in
with s; with { w = 1; };
assert s ? x.y;
if s.y.z == "a" && !(w > 1) then map (e: e.name) [ s ] else x // y
