builtins.parseDrvName (throw "name")
