{ __functor = { x }: x; } 1
