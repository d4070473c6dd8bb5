builtins.head (builtins.map 1 [ 1 ])
