builtins.split "a" (throw "text")
