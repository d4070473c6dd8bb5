[ ([ 1 (throw "not needed") ] == [ 2 0 ]) ([ 1 (throw "not needed") ] < [ 2 0 ]) ]
