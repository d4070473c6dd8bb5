let d = derivation { name = "multi"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" "lib" ]; };
in [ d.drvPath d.outPath d.dev.outPath d.lib.outPath d.outputName d.dev.outputName (map (o: o.outputName) d.all) ]
