let d = derivation { name = "a"; system = "s"; builder = "b"; }; in d == d // { more = 1; }
