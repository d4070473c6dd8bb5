let __sub = a: b: "n"; in -2
