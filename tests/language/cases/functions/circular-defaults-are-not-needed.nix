let f = {a ? b, b ? a}: 1; in f {}
