builtins.concatMap (x: [ x ]) null
