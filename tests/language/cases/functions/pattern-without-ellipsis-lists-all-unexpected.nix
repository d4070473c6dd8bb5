({ a }: a) { a = 1; odd = 2; surplus = 3; }
