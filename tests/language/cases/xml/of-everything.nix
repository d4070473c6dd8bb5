builtins.toXML { a = 1; b = "<&>\"'\n"; c = [ null true 1.5 ]; d = x: x; e = { x, y ? 1, ... }@z: x; f = /a; }
