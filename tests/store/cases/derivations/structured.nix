derivation {
  name = "structured";
  system = "x86_64-linux";
  builder = "/bin/sh";
  __structuredAttrs = true;
  outputs = [ "out" "doc" ];
  number = 1.5;
  flags = [ "a b" 3 null ];
  nested.deeply."with quotes \"" = { on = true; off = false; };
  source = builtins.toFile "in-json" "seen through the string's context";
}
