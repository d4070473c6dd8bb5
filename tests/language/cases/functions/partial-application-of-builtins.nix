let inc = builtins.add 1; all = builtins.map inc; in all [ 1 2 ]
