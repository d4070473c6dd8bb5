[ (builtins.lessThan "Z" "a") (builtins.lessThan "z" "ä") (builtins.lessThan "" "a") (builtins.lessThan "a" "") (builtins.lessThan [ [ 1 ] ] [ [ 2 ] ]) ]
