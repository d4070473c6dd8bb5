derivation {
  name = "several";
  system = "x86_64-linux";
  builder = "/bin/sh";
  outputs = [ "out" "dev" "a_b-c" ];
  here = builtins.placeholder "dev";
  args = [ "-c" "mkdir $out $dev" ];
}
