derivation { name = "ž"; builder = "b"; system = "s"; } + ""
