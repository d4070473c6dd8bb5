# Regular expressions against many short strings.
let
  inherit (builtins) elemAt filter genList length match;
  candidates = genList (n: if n - n / 3 * 3 == 0 then "lib${toString n}-${toString (n / 7)}.${toString n}.so" else "/nix/store/file ${toString n}_x") 12000;
  parse = s: match "([a-z]+)([0-9]+)-([0-9]+(\\.[0-9]+)*)\\.(so|a)" s;
  parsed = filter (m: m != null) (map parse candidates);
  quoted = filter (s: match "[[:alnum:],._+:@%/-]+" s == null) candidates;
in
{
  parsed = length parsed;
  versions = map (m: elemAt m 2) (genList (n: elemAt parsed (n * 100)) 20);
  quoted = length quoted;
}
