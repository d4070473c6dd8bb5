builtins.length (builtins.sort (a: b: true) [ 1 2 3 4 5 ])
