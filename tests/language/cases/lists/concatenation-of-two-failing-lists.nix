(throw "l") ++ (throw "r")
