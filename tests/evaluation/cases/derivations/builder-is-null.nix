(derivation { name = "a"; system = "s"; builder = null; }).drvPath
