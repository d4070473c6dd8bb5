{ __functor = self: { a }: a; } { b = 1; }
