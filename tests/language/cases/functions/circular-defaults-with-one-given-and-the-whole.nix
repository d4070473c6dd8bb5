let f = {a ? b, b ? c, c ? a}@s: s; in f {a = 1;}
