let x = { a = throw "no"; b = builtins.tryEval x.a; }; in x.b
