builtins.toFile "a" (throw "text")
