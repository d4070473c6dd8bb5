let n = "x"; in { a = 1; }.${n}
