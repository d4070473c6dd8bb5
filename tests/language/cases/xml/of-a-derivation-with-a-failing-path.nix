builtins.toXML { type = "derivation"; drvPath = throw "drv"; }
