builtins.trace (throw "a") 1
