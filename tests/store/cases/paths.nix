# Store paths as Nix computes them; each is checked against the pure functions that compute them here.
let
  sum = algorithm: builtins.hashString algorithm "content";
  fixed =
    algorithm: mode:
    (derivation {
      name = "fixed+_?=.-x";
      system = "x";
      builder = "x";
      outputHashAlgo = algorithm;
      outputHashMode = mode;
      outputHash = sum algorithm;
    }).outPath;
  one = builtins.toFile "one" "1";
  two = builtins.toFile "two" "2";
  modes = [ "flat" "recursive" ];
  algorithms = [ "md5" "sha1" "sha256" "sha512" ];
  name211 = builtins.concatStringsSep "" (builtins.genList (_: "n") 211);
in
{
  texts = [
    { name = "hello.txt"; text = "hello"; references = [ ]; path = builtins.toFile "hello.txt" "hello"; }
    { name = "empty"; text = ""; references = [ ]; path = builtins.toFile "empty" ""; }
    { name = ".hidden"; text = "x"; references = [ ]; path = builtins.toFile ".hidden" "x"; }
    { name = "..."; text = "x"; references = [ ]; path = builtins.toFile "..." "x"; }
    { name = name211; text = "x"; references = [ ]; path = builtins.toFile name211 "x"; }
    { name = "refers"; text = "${two} ${one}"; references = [ two one ]; path = builtins.toFile "refers" "${two} ${one}"; }
  ];
  fixed = builtins.concatMap (
    algorithm:
    map (mode: {
      inherit algorithm mode;
      hash = sum algorithm;
      path = fixed algorithm mode;
    }) modes
  ) algorithms;
  placeholders = map (output: { inherit output; placeholder = builtins.placeholder output; }) [ "out" "dev" "" ];
}
