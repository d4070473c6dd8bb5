1 < (throw "r")
