builtins.toXML { type = "derivation"; drvPath = "/d"; outPath = "/o"; more = 1; }
