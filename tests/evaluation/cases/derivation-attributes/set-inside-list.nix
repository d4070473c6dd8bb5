derivation { name = "a"; builder = "b"; system = "s"; f = [ 1 { } ]; } + ""
