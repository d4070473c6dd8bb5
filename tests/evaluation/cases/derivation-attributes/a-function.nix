(derivation { name = "a"; system = "s"; builder = "b"; f = x: x; }).drvPath
