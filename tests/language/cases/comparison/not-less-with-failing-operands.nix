(throw "l") >= (throw "r")
