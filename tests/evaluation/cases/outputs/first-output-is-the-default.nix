let d = derivation { name = "a"; system = "s"; builder = "b"; outputs = [ "dev" "out" ]; }; in [ d.outputName d.outPath d.out.outPath d.dev.outPath (map (x: x.outputName) d.all) ]
