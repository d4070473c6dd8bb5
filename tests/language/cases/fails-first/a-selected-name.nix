builtins.seq ({ } . apple08 or 1) { bread08 = throw "bread08"; apple08 = throw "apple08"; }
