(derivation { name = "a"; system = "s"; builder = "b"; outputHash = 1; outputHashAlgo = "sha256"; }).drvPath
