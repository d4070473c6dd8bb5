let a = derivation { name = "a"; builder = "b"; system = "s"; x = a; }; in a.drvPath
