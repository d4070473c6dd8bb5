(throw "l") // (throw "r")
