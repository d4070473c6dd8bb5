builtins.toFile "${../files/plain.txt}" ""
