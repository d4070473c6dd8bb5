(derivation { name = "a\nb"; system = "s"; builder = "b"; }).drvPath
