builtins.seq 1 (throw "b")
