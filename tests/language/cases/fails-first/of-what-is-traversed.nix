let apple21 = 1; in builtins.deepSeq { bread21 = throw "bread21"; apple21 = throw "apple21"; } 1
