(derivation { name = "a"; system = "x"; builder = "b"; __json = "{\"b\": 1, \"a\": 1.50}"; }).drvPath
