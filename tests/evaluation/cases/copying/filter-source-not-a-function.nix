builtins.filterSource 1 ../files/tree
