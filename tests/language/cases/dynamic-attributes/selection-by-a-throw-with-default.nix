{ a = 1; }.${throw "name"} or 2
