(derivation { name = "a"; system = "x"; builder = "b"; __json = "[1]"; }).drvPath
