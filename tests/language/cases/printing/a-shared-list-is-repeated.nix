let x = [ 1 ]; s = { a = 1; }; e = [ ]; in [ x x s s e e { } { } ]
