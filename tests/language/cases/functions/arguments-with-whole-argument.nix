builtins.functionArgs ({a, b ? 1}@x: y: a)
