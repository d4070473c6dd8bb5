builtins.lessThan (x: x) (x: x)
