(derivation { name = "a"; system = "s"; builder = "b"; f = 1.5; n = -3; t = true; u = null; l = [ 1 [ 2 "x" ] ]; }).drvPath
