builtins.deepSeq 1 (throw "second")
