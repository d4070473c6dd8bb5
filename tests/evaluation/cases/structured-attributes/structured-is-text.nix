(derivation { name = "a"; system = "s"; builder = "b"; __structuredAttrs = "yes"; }).drvPath
