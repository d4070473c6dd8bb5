builtins.readDir ./files/tree
