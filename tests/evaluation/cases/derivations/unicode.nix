(derivation { name = "unicode"; builder = "/bin/sh"; system = "x86_64-linux"; text = "žluťoučký 🐎"; "ключ" = "x"; }).drvPath
