{ __functor = "f"; } 1
