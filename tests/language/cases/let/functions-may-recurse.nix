let fac = n: if n == 0 then 1 else n * fac (n - 1); even = n: n == 0 || odd (n - 1); odd = n: n != 0 && even (n - 1); in [ (fac 20) (even 10) (odd 10) ]
