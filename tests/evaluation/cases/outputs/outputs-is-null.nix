(derivation { name = "a"; system = "s"; builder = "b"; outputs = null; }).drvPath
