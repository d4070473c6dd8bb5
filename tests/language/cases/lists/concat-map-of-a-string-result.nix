builtins.concatMap (x: "a") [ 1 ]
