builtins.substring "a" 0 "a"
