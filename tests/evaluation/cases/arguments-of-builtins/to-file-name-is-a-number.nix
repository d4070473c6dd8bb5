builtins.toFile 1 "b"
