with builtins; [ (length [ 1 ]) (typeOf 1) ]
