map (x: (builtins.tryEval (assert x; 1)).success) [ true false ]
