[ (builtins.seq 1 2) (builtins.seq { a = throw "x"; } 2) (builtins.deepSeq { a = [ 1 { } ]; } 2) ]
