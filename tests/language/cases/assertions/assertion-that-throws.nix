assert (throw "x"); 1
