{ a = 1; } // throw "no set"
