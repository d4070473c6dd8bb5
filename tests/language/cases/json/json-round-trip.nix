let v = { a = [ 1 "b" { c = null; } ]; d = 1.25; }; in builtins.fromJSON (builtins.toJSON v) == v
