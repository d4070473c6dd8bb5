with builtins; let l = [ 10 20 30 ]; in [ (head l) (tail l) (elemAt l 1) (length l) (elem 20 l) (elem 5 l) (tail [ 1 ]) ]
