let o = {f = a: {x}: a - x;}; in o.f 3 {x=2;}
