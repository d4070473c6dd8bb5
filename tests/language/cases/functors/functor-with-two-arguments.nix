let s = { __functor = self: x: y: self.v + x + y; v = 1; }; in s 1 2
