(rec { f = x: x; g = f; same = [ f ] == [ g ]; }).same
