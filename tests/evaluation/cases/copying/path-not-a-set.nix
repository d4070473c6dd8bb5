builtins.path ../files/tree
