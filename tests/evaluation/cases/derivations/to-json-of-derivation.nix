builtins.toJSON { d = derivation { name = "a"; builder = "b"; system = "s"; }; }
