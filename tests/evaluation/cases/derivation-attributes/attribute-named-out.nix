(derivation { name = "named"; builder = "/bin/sh"; system = "x86_64-linux"; out = "overwritten"; }).drvPath
