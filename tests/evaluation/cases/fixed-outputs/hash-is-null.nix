(derivation { name = "a"; system = "s"; builder = "b"; outputHash = null; outputHashAlgo = "sha256"; }).drvPath
