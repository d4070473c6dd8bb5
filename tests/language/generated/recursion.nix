let
  fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2);
  even = n: m: if n == 0 then m else odd (n - 1) m;
  odd = n: m: if n == 0 then !m else even (n - 1) m;
in
[ (fib 20) (even 10 true) ]
