with builtins; [ (add 1 2) (sub 1 2) (mul 3 4) (div 9 2) (add 1.5 1) (div 1.0 8) (bitAnd 12 10) (bitOr 12 10) (bitXor 12 10) (bitAnd (-1) 255) (bitXor (-1) 0) ]
