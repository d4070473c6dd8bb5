undefined.a
