builtins.readFile ../files/broken
