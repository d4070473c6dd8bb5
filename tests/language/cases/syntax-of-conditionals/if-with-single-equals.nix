let a = 1; in if a = 1 then 2 else 3
