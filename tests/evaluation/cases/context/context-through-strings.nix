let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; };
    s = builtins.substring 3 5 (builtins.replaceStrings [ "x" ] [ "${a.dev}" ] "only x here");
in (derivation { name = "b"; builder = "/bin/sh"; system = "x86_64-linux"; inherit s; }).drvPath
