# Two outputs of one derivation, one of them through a string that also mentions a source.
let
  base = derivation {
    name = "base";
    system = "x86_64-linux";
    builder = "/bin/sh";
    outputs = [ "out" "man" "bin" ];
  };
  text = builtins.toFile "notes" "see ${builtins.toFile "other" "x"}";
in
derivation {
  name = "alias";
  system = "x86_64-linux";
  builder = "${base.bin}/bin/tool";
  both = "${base.man}:${base}:${text}";
  drvPath = builtins.unsafeDiscardOutputDependency base.drvPath;
}
