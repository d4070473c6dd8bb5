(derivation { name = "a"; system = "x"; builder = "b"; __json = "x"; }).drvPath
