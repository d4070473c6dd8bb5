let s = { a = if (builtins.tryEval s.b).success then 1 else 2; b = throw "x"; }; in s.a
