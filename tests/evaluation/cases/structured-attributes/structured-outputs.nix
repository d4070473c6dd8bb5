let d = derivation { name = "structured"; builder = "/bin/sh"; system = "x86_64-linux"; __structuredAttrs = true; outputs = [ "out" "dev" ]; };
in [ d.drvPath d.dev.outPath ]
