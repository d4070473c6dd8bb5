let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; };
in (derivation { name = "b"; builder = "/bin/sh"; system = "x86_64-linux"; x = a.dev; }).drvPath
