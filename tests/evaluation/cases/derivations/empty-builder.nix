derivation { name = "a"; builder = ""; system = "s"; } + ""
