(true || throw "x") && !(false && throw "y")
