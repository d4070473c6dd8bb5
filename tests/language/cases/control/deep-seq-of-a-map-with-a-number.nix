builtins.deepSeq (map 1 [ 2 ]) 3
