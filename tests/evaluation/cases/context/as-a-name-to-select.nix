{ a = 1; }.${derivation { name = "a"; system = "s"; builder = "b"; }} or 2
