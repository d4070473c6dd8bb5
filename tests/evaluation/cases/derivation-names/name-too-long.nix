derivation { name = builtins.concatStringsSep "" (builtins.genList (_: "x") 212); builder = "b"; system = "s"; } + ""
