let f = {a ? (x: b x), b ? (x: if x == 0 then 0 else a (x - 1))}: a 5; in f {}
