let a = derivation { name = "a"; builder = "b"; system = "s"; x = _: 1; }; b = derivation { name = "a"; builder = "b"; system = "s"; x = 1; };
in [ (b == b // { y = 2; }) (b == derivation { name = "c"; builder = "b"; system = "s"; }) ]
