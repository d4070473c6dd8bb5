(throw "l") == (throw "r")
