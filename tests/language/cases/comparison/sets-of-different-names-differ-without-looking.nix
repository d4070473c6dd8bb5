{ a = throw "not needed"; } == { b = 1; }
