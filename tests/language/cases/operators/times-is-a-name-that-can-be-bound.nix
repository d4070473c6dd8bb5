let __mul = a: b: 7; in 1 * 2
