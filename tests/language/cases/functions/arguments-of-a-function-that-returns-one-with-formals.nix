builtins.functionArgs (x: {a}: a)
