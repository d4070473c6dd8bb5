{ ${throw "n"} = 1; }
