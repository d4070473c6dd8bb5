let f = x: if x > 2 then throw "too large: ${toString x}" else f (x + 1); in f 0
