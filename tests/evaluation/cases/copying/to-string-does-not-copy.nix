builtins.hasContext (toString ../files/plain.txt)
