with { a = 1; b = throw "not needed"; }; a
