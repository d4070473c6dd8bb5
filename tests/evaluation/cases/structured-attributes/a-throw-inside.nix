(derivation { name = "a"; system = "s"; builder = "b"; __structuredAttrs = true; a.b = throw "deep"; }).drvPath
