(throw "left") // { a = 1; }
