let
  first = builtins.toFile "first.txt" "the first";
  second = builtins.toFile "second.txt" "refers to ${first}";
in
derivation {
  name = "sources";
  system = "x86_64-linux";
  builder = builtins.toFile "builder.sh" "echo > $out";
  args = [ second ];
  tree = builtins.path {
    path = ../trees/plain;
    name = "tree";
  };
  file = builtins.path {
    path = ../trees/plain/run.sh;
    name = "flat";
    recursive = false;
  };
}
