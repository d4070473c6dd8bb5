let x = { p = 1; }; y = { q = 2; }; in { a = { inherit (x) p; }; a.r = 3; b = { inherit (y) q; s = 4; }; }
