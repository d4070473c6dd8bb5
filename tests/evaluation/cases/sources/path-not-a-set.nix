builtins.path ./files/tree
