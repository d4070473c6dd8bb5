with { s = { x = 1; }; }; with s; x
