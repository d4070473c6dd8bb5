[ (throw "not needed") ] == [ 1 2 ]
