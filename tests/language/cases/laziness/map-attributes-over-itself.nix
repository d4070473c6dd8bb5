let s = { a = 1; b = t.a + 1; }; t = builtins.mapAttrs (n: v: v * 10) s; in t
