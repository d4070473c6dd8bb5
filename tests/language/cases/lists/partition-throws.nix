builtins.partition (x: throw "test") [ 1 ]
