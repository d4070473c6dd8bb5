(derivation { name = "a"; system = 1; builder = "b"; }).drvPath
