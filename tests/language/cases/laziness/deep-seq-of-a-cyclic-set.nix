let a = { b = a; }; in builtins.deepSeq a "done"
