derivation { name = "a"; builder = "b"; system = "s"; __structuredAttrs = 1; } + ""
