(builtins.zipAttrsWith (n: vs: if n == "a" then throw "not needed" else vs) [ { a = 1; } { b = 2; } ]).b
