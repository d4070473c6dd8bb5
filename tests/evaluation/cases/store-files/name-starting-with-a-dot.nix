builtins.toFile ".a" "x"
