builtins.readFile ../files/plain.txt/x
