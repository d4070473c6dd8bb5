(derivation { name = "a"; system = "s"; builder = "b"; outputHash = "zzzz"; outputHashAlgo = "sha256"; }).drvPath
