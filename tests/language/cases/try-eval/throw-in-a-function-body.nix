builtins.tryEval ((x: throw x) "a")
