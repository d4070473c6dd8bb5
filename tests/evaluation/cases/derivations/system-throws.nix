(derivation { name = "a"; system = throw "system"; builder = "b"; }).drvPath
