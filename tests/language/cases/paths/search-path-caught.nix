(builtins.tryEval <nothing-by-this-name>).success
