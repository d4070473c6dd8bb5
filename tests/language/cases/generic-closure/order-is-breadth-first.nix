map (x: x.key) (builtins.genericClosure { startSet = [ { key = 1; } { key = 10; } ]; operator = x: if x.key > 30 then [ ] else [ { key = x.key * 2; } { key = x.key * 3; } ]; })
