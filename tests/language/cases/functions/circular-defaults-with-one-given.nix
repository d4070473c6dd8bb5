let f = {a ? b, b ? c, c ? a}@s: [a b c]; in f {a = 1;}
