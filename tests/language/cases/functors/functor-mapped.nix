let s = { __functor = self: x: self.v + x; v = 1; }; in map s [ 1 2 ]
