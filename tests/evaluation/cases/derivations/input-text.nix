(derivation { name = "text"; builder = builtins.toFile "builder" "echo hi"; system = "x86_64-linux"; }).drvPath
