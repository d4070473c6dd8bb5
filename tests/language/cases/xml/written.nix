builtins.toXML [ 1 "a<>&\n\"'" 1.5 true null /a { b = [ ]; a = { }; } ]
