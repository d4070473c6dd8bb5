let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" "doc" ]; };
in (derivation { name = "b"; builder = "/bin/sh"; system = "x86_64-linux"; x = [ a.dev a.doc ]; y = "${a}"; }).drvPath
