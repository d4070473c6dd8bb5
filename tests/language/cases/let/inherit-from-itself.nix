let inherit (a) a; in a
