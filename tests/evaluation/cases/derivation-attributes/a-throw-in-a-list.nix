(derivation { name = "a"; system = "s"; builder = "b"; l = [ 1 (throw "l") ]; }).drvPath
