builtins.toFile "refers" "to ${../files/plain.txt} and ${builtins.toFile "x" "y"}"
