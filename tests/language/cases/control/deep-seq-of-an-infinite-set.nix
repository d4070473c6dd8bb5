let a = { x = a; }; in builtins.deepSeq a 1
