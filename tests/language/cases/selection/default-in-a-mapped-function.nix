builtins.map (x: x.a or "none") [ { a = 1; } { } 3 ]
