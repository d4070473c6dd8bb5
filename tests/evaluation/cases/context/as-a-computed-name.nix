{ ${"${derivation { name = "a"; system = "s"; builder = "b"; }}"} = 1; }
