builtins.hashString "sha256" "${derivation { name = "a"; system = "s"; builder = "b"; }}"
