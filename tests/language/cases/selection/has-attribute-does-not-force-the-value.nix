{ a = throw "not needed"; } ? a
