builtins.sort (a: true) [ 1 2 ]
