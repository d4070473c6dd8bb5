(derivation { name = "a"; builder = "b"; system = "s"; outputs = [ "out" "dev" ]; }).out.dev.out.dev.outPath
