builtins.tryEval (builtins.readFile ../files/nothing)
