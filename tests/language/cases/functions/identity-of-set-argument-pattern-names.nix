(__functor: __functor + 1) 1
