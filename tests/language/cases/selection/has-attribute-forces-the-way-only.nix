{ a = { b = throw "not needed"; }; } ? a.b
