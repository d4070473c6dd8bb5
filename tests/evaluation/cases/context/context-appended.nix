let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; };
    path = builtins.unsafeDiscardStringContext a.drvPath;
    s = builtins.seq a.drvPath (builtins.appendContext "text" { ${path} = { outputs = [ "dev" "out" ]; allOutputs = true; path = true; }; });
in [ (builtins.getContext s) (derivation { name = "b"; builder = "/bin/sh"; system = "x86_64-linux"; inherit s; }).drvPath ]
