[ (builtins.add 1 2) (builtins.add 1 2.5) (builtins.add 1.5 1.5) (builtins.sub 1 2) (builtins.sub 0.5 1) (builtins.mul 3 4) (builtins.mul 0.5 3) ]
