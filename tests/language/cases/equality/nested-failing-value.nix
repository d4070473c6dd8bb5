{ a.b = throw "deep"; } == { a.b = 1; }
