(derivation { name = "a"; system = "s"; builder = throw "builder"; }).outPath
