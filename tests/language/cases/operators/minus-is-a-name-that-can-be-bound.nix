let __sub = a: b: "x"; in 1 - 2
