({ a ? b, b ? throw "b" }: a) { }
