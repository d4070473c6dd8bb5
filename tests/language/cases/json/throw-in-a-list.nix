builtins.toJSON [ (throw "x") ]
