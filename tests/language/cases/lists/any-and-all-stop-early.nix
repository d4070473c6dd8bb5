[ (builtins.any (x: x > 1) [ 1 2 (throw "x") ]) (builtins.any (x: true) [ ]) (builtins.all (x: x > 1) [ 2 1 (throw "x") ]) (builtins.all (x: false) [ ]) ]
