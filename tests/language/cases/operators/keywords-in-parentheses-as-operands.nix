(if true then 1 else 2) + (with {a=1;}; a) + (assert true; 2)
