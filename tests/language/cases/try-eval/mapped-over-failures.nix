map builtins.tryEval [ (throw "a") 1 (assert true; 2) (let x = throw "b"; in x) ]
