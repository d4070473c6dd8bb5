builtins.hashFile 1 /none
