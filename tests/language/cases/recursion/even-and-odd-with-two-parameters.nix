let even = n: m: if n == 0 then m else odd (n - 1) m; odd = n: m: if n == 0 then "odd" else even (n - 1) m; in [(even 10 1) (odd 7 2)]
