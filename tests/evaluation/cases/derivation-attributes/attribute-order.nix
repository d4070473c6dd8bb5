(derivation { z = 1; a = 2; B = 3; _ = 4; "with space" = 5; "1" = 6; name = "order"; builder = "b"; system = "s"; }).drvPath
