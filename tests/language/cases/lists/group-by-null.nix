builtins.groupBy (x: null) [ 1 ]
