map (v: (builtins.tryEval v).success) [ 1 (throw "a") (assert false; 1) (if throw "b" then 1 else 2) ({ a = 1; }.a) ]
