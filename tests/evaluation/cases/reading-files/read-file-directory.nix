builtins.readFile ../files/tree
