let o = {f = {x}: b: b - x;}; in o.f {x=2;} 5
