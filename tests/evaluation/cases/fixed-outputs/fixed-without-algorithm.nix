derivation { name = "a"; builder = "b"; system = "s"; outputHash = "0000000000000000000000000000000000000000000000000000000000000000"; } + ""
