{ __functor = self: a: b: self.k * (a + b); k = 2; } 3 4
