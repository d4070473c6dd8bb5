builtins.typeOf (throw "value")
