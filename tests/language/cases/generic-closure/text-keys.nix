builtins.genericClosure { startSet = [ { key = "a"; n = 1; } { key = "a"; n = 2; } { key = "b"; } ]; operator = x: [ ]; }
