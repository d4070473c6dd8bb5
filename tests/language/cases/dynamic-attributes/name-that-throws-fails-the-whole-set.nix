{ a = 1; ${throw "n"} = 2; }.a
