builtins.sort builtins.lessThan [ (throw "x") ]
