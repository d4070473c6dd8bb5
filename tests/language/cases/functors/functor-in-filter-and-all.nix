[ (builtins.filter { __functor = self: x: x > 1; } [ 1 2 ]) (builtins.all { __functor = self: x: true; } [ 1 ]) ]
