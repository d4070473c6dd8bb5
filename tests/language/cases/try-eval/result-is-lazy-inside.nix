(builtins.tryEval [ (throw "never") ]).success
