{ __functor = null; } 1
