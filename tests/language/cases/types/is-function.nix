[ (builtins.isFunction map) (builtins.isFunction (x: x)) (builtins.isFunction { __functor = s: x: x; }) (builtins.isFunction (map 1)) ]
