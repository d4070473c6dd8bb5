builtins.readDir ../files/tree
