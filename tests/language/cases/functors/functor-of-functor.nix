let f = { __functor = self: { __functor = self2: x: [ self.n x ]; }; n = 1; }; in f 2
