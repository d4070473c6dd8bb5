builtins.sort { __functor = self: a: b: a > b; } [ 1 3 2 ]
