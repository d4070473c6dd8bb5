# A fixed output stands for its content: where it comes from changes nothing in what depends on it.
let
  fetch =
    url: algorithm: mode: hash:
    derivation {
      name = "fetched-${algorithm}-${mode}";
      system = "builtin";
      builder = "builtin:fetchurl";
      inherit url;
      outputHashAlgo = algorithm;
      outputHashMode = mode;
      outputHash = hash;
    };
  sum = algorithm: builtins.hashString algorithm "content";
  all = map (algorithm: map (mode: fetch "https://one.example" algorithm mode (sum algorithm)) [ "flat" "recursive" ]) [
    "md5"
    "sha1"
    "sha256"
    "sha512"
  ];
  other = fetch "https://another.example" "sha256" "flat" (sum "sha256");
in
derivation {
  name = "uses-them";
  system = "x86_64-linux";
  builder = "/bin/sh";
  inputs = all;
  inherit other;
}
