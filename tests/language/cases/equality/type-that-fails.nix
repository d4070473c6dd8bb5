{ type = throw "type"; } == { type = "derivation"; }
