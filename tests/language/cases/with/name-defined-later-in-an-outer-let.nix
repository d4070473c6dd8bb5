let r = with s; a; s = { a = 1; }; in r
