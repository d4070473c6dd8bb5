builtins.filter (x: throw "test") [ 1 ]
