let s = { a = { }; }; in { inherit (s) a; a.b = 1; }
