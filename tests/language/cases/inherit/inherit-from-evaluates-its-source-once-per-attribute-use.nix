let s = { a = 1; b = { inherit (s) a; }; }; in s
