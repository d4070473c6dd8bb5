{ ${throw "first"} = 1; ${throw "second"} = 2; }
