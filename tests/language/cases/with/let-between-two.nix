let w = {a = 1;}; in with w; let a = 5; in with w; a
