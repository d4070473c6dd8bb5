builtins.readFile (toString ../files/plain.txt)
