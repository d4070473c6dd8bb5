let d = derivation { name = "multi"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "lib" "bin" ]; };
in [ d.drvPath d.outPath d.outputName d.bin.outPath ]
