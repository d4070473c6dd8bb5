builtins.filter (x: null) [ 1 2 ]
