builtins.isFunction { __functor = 1; }
