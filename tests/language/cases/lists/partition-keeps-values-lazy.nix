builtins.length (builtins.partition (x: true) [ (throw "a") (throw "b") ]).right
