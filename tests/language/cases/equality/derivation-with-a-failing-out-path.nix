{ type = "derivation"; outPath = throw "no"; } == { type = "derivation"; outPath = "b"; }
