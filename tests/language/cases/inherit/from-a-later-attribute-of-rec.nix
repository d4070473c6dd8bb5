let s = rec {inherit (t) x; t = {x = y;}; y = 4;}; in s.x
