builtins.toFile "a" null
