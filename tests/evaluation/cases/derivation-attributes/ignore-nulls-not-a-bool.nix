derivation { name = "a"; builder = "b"; system = "s"; __ignoreNulls = null; } + ""
