if true then throw "then" else 2
