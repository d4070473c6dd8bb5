(derivation { name = throw "name"; system = "s"; builder = "b"; }).drvPath
