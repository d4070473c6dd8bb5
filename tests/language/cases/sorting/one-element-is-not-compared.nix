builtins.sort (a: b: throw "cmp") [ 1 ]
