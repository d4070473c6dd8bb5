let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; };
in (derivation { name = "structured"; builder = "${a}/bin/sh"; system = "x86_64-linux"; __structuredAttrs = true; deps = { x = [ a.dev ]; src = ../files/tree; }; args = [ "-c" "${a}" ]; }).drvPath
