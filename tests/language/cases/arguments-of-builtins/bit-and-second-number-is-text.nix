builtins.bitAnd 1 "1"
