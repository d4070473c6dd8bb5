let go = n: if n == 0 then [ ] else [ n (go (n - 1)) ]; in go 5
