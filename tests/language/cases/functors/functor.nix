let counter = { __functor = self: x: self.base + x; base = 10; }; in [ (counter 1) (map counter [ 1 2 ]) ((counter // { base = 0; }) 5) ]
