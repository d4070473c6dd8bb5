let n = "x"; ${n} = 1; in x
