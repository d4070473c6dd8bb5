rec { a = { b = a.c; c = 1; }; }.a.b
