map (x: x.key) (builtins.genericClosure { startSet = [ { key = [ 0 ]; } ]; operator = { key }: if builtins.head key < 3 then [ { key = [ (builtins.head key + 1) ]; } ] else [ ]; })
