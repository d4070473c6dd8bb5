let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; };
    plain = builtins.unsafeDiscardOutputDependency a.drvPath;
in [ (builtins.getContext (builtins.addDrvOutputDependencies plain)) (builtins.getContext (builtins.addDrvOutputDependencies a.drvPath)) ]
