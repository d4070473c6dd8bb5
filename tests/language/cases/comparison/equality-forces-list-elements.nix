[ 1 (throw "forced") ] == [ 1 2 ]
