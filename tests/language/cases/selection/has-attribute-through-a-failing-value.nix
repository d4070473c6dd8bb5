{a=throw "x";} ? a.b
