[ (builtins.seq 1 2) (builtins.seq { a = throw "not needed"; } 3) (builtins.seq [ (throw "nor this") ] 4) ]
