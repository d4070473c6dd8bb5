builtins.toXML [ { type = "derivation"; drvPath = "/d"; outPath = "/o"; x = 1; } { type = "derivation"; drvPath = "/d"; outPath = "/o"; x = 2; } { type = "derivation"; } ]
