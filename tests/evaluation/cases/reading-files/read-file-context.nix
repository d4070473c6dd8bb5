builtins.getContext (builtins.readFile (builtins.toFile "r" "see ${../files/plain.txt}"))
