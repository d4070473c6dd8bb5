let o = {f = a: b: a - b;}; in o.f 3 1
