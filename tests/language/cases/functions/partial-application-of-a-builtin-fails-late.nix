map (builtins.add "a") [ 1 ]
