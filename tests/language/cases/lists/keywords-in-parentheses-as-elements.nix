[(let x = 1; in x) (with {a=1;}; a) (if true then 1 else 2)]
