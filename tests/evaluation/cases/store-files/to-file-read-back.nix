builtins.readFile (builtins.toFile "x" "back\n")
