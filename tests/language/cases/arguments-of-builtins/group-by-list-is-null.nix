builtins.groupBy (x: "a") null
