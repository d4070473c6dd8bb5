builtins.match null "a"
