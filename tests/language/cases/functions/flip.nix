let flip = f: a: b: f b a; in flip (a: b: a - b) 1 10
