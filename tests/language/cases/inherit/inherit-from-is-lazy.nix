let x = { inherit (throw "not needed") a; b = 1; }; in x.b
