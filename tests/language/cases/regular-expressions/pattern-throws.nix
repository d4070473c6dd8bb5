builtins.match (throw "pattern") "a"
