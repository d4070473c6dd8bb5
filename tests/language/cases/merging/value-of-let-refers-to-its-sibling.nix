let x.a = 1; x.b = x.a + 1; in x
