let p = { x = 1; }; q = { x = 2; }; in { a = { inherit (p) x; }; b = { inherit (q) x; }; }
