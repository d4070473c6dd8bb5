with builtins; [ (substring 0 2 "hello") (substring 1 100 "hello") (substring 5 1 "hello") (substring 9 1 "hello") (substring 2 (-1) "hello") (substring 0 0 "x") ]
