(derivation { name = "a"; system = "s"; builder = "b"; __structuredAttrs = true; a.b.c = [ 1 2.5 null true { d = "x"; } ]; e = { outPath = "o"; }; }).drvPath
