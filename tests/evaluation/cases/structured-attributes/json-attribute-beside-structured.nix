(derivation { name = "a"; system = "s"; builder = "b"; __json = "{}"; __structuredAttrs = true; }).drvPath
