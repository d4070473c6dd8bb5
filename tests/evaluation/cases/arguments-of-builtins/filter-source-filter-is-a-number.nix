builtins.filterSource 1 /none
