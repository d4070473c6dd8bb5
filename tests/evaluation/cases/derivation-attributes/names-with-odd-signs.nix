(derivation { name = "a"; system = "s"; builder = "b"; "a b" = 1; "" = 2; "ä=\n" = 3; }).drvPath
