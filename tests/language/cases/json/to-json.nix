builtins.toJSON { a = 1; b = [ true null 1.5 "x\n\"\\" ]; c.d = { }; e = [ ]; "q\"" = "é"; f = "\t"; }
