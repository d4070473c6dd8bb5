(derivation { name = "a"; system = "s"; builder = "b"; src = ./no-such-file; }).drvPath
