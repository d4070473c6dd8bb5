derivation {
  name = "library";
  system = "x86_64-linux";
  builder = "/bin/sh";
  outputs = [ "lib" "out" ];
}
