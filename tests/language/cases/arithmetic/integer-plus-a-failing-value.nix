1 + (throw "r")
