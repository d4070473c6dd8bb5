builtins.concatMap (x: throw "called") [ ]
