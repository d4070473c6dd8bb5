(derivation { name = "a"; system = "s"; builder = "b"; outputs = throw "outputs"; }).drvPath
