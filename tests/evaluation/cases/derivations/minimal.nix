(derivation { name = "minimal"; builder = "/bin/sh"; system = "x86_64-linux"; }).drvPath
