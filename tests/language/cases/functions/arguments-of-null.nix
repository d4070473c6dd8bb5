builtins.functionArgs null
