builtins.toFile null "x"
