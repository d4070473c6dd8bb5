if true then 1 elif false then 2 else 3
