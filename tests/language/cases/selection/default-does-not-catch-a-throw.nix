{a=throw "x";}.a or 2
