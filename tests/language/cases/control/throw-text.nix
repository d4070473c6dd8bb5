throw "a"
