builtins.deepSeq (x: throw "body") 1
