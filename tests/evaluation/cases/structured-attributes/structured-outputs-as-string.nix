derivationStrict { name = "a"; builder = "b"; system = "s"; __structuredAttrs = true; outputs = "out"; }
