(derivation { name = "a"; system = "s"; builder = [ "a" "b" ]; }).drvPath
