(derivation { name = "a"; system = "s"; builder = "b"; outputs = [ "out" "lib" ]; }).lib.out.lib.outPath
