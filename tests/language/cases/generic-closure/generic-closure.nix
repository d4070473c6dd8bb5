builtins.genericClosure { startSet = [ { key = 1; } { key = 2; } ]; operator = { key }: if key < 10 then [ { key = key * 2; } { key = key * 3; } ] else [ ]; }
