1 ++ (throw "r")
