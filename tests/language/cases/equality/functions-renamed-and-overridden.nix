(rec { __overrides = { f = y: y; }; f = x: x; g = f; same = [ f ] == [ g ]; }).same
