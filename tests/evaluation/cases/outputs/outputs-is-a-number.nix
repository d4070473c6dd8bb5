(derivation { name = "a"; system = "s"; builder = "b"; outputs = 1; }).drvPath
