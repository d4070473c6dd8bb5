(derivation { name = "a"; system = "s"; builder = "b"; __structuredAttrs = true; a = [ (x: x) ]; }).drvPath
