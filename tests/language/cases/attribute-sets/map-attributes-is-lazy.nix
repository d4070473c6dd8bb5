(builtins.mapAttrs (n: v: if n == "a" then throw "not needed" else v) { a = 1; b = 2; }).b
