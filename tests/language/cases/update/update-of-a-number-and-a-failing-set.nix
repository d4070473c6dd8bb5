1 // (throw "r")
