builtins.attrNames (builtins.groupBy (x: "a") [ (throw "never") ])
