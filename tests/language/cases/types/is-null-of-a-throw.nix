builtins.isNull (throw "value")
