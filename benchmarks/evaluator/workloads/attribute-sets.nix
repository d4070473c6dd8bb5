# Sets that are built from lists, mapped, merged and taken apart.
let
  inherit (builtins) attrNames attrValues foldl' genList hasAttr intersectAttrs listToAttrs mapAttrs removeAttrs;
  make = prefix: size: listToAttrs (genList (n: { name = "${prefix}${toString n}"; value = { inherit n; enable = n > 10; }; }) size);
  base = make "item" 4000;
  doubled = mapAttrs (name: value: value // { n = value.n * 2; label = name; }) base;
  layers = foldl' (merged: n: merged // make "layer${toString n}-" 40) doubled (genList (n: n) 40);
  kept = removeAttrs layers (attrNames (make "item" 1000));
  chosen = intersectAttrs (make "item" 3000) kept;
  grown = foldl' (set: n: set // { "counter${toString n}" = n; last = n; }) { } (genList (n: n) 800);
  total = foldl' (sum: value: if value.enable or false then sum + value.n else sum) 0 (attrValues kept);
in
{
  inherit total;
  names = builtins.length (attrNames kept);
  chosen = foldl' (sum: value: sum + value.n) 0 (attrValues chosen);
  last = grown.last + (if hasAttr "counter7" grown then 1 else 0);
}
