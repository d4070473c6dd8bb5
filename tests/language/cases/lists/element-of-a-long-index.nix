builtins.elemAt [ 1 ] 4294967296
