with builtins; [ (map (x: x * 2) [ 1 2 3 ]) (filter (x: x > 1) [ 1 2 3 ]) (map (x: x) [ ]) (filter (x: false) [ 1 ]) ]
