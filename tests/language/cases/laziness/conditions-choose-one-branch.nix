let f = c: if c then 1 else throw "no"; in f true
