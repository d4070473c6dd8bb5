{ __functor = self: { a, b ? 1 }: a; } { a = 1; }
