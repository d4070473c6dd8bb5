(derivation { name = "a"; system = "s"; builder = "b"; args = [ (throw "arg") ]; }).drvPath
