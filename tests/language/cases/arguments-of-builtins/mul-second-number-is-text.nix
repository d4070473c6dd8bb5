builtins.mul 1 "1"
