(derivation { name = "a"; system = "s"; builder = { }; }).drvPath
