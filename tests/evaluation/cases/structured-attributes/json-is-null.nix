(derivation { name = "a"; system = "x"; builder = "b"; __json = null; }).drvPath
