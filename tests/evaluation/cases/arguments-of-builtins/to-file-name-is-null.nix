builtins.toFile null "b"
