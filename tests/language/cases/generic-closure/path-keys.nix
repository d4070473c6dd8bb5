builtins.genericClosure { startSet = [ { key = /b; } { key = /a; } { key = /b; } ]; operator = x: [ ]; }
