let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; }; i = import a.drvPath;
in [ (builtins.attrNames i) i.name i.drvPath i.outPath i.dev.outPath i.type (builtins.getContext i.drvPath) (builtins.getContext "${i.dev}") ]
