builtins.toFile "a" "${derivation { name = "a"; system = "s"; builder = "b"; }}"
