rec { f = x: g (x + 1); g = x: if x > 10 then x else f x; v = f 1; }.v
