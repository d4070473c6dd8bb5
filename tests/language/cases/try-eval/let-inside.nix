let t = builtins.tryEval (let x = throw "boom"; in x); in t
