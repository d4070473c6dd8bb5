builtins.sort (a: b: throw "comparing ${toString a} with ${toString b}") [ 2 1 ]
