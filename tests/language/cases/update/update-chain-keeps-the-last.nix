builtins.foldl' (a: b: a // b) { } [ { a = 1; b = 1; } { b = 2; c = 2; } { c = 3; d = 3; } ]
