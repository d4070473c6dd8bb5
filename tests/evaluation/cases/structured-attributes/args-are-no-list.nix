(derivation { name = "a"; system = "s"; builder = "b"; __structuredAttrs = true; args = 1; }).drvPath
