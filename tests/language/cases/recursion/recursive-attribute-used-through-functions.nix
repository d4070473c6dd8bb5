rec { f = n: if n == 0 then base else f (n - 1) + 1; base = 10; r = f 3; }
