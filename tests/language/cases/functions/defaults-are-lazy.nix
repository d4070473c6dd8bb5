({ a ? throw "not needed", b }: b) { b = 1; }
