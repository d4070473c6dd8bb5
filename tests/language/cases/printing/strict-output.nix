{ a = 1; b = "x\ny\"\\\${z} $ \t"; c = [ null true false ]; d = 1.5; e = ./p; f = x: x; g = { }; h = [ ]; i = -3; }
