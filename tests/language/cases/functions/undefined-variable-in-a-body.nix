{a,b}: c
