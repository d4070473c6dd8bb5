builtins.deepSeq { a.b = [ 1 { c = throw "c"; } ]; } 1
