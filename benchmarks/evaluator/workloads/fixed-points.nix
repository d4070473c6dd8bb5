# Overlays: recursive sets that are extended many times, and looked up through `with` and `rec`.
let
  inherit (builtins) attrNames foldl' genList length;
  fix = f: let x = f x; in x;
  extends = overlay: f: final: let prev = f final; in prev // overlay final prev;
  base = final: {
    number = 1;
    text = "base";
    twice = final.number + final.number;
    scope = rec { a = final.number; b = a + 1; c = with final; a + b + number; };
  };
  overlay = n: final: prev: {
    number = prev.number + 1;
    text = if n - n / 50 * 50 == 0 then "${prev.text} ${toString n}" else prev.text;
    "attribute${toString n}" = with final; number + twice + scope.c;
  };
  result = fix (foldl' (f: n: extends (overlay n) f) base (genList (n: n) 900));
in
{
  inherit (result) text number;
  attributes = length (attrNames result);
  sum = foldl' (sum: n: sum + result."attribute${toString n}") 0 (genList (n: n) 900);
}
