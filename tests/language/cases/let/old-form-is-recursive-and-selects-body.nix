let { body = f 3; f = n: if n == 0 then [ ] else [ n ] ++ f (n - 1); }
