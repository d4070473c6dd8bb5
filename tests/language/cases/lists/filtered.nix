[ (builtins.filter (x: x > 1) [ 1 2 3 ]) (builtins.filter (throw "x") [ ]) (builtins.filter (x: false) [ 1 ]) ]
