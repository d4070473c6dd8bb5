derivation { name = "a"; builder = "b"; system = "s"; __structuredAttrs = true; f = x: x; } + ""
