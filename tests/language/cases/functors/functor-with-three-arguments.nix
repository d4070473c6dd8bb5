let s = { __functor = self: a: b: c: [ a b c ]; }; in s 1 2 3
