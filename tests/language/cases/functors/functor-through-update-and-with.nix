let o = { __functor = self: x: x + self.n; n = 1; }; in with { p = o // { n = 10; }; }; [ (o 1) (p 1) (map p [ 1 2 ]) ]
