let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; };
in (derivation { name = "b"; builder = "${a}/bin/sh"; system = "x86_64-linux"; args = [ "${a}" ]; }).drvPath
