builtins.trace "x" 1
