[ (builtins.div 7 2) (builtins.div (-7) 2) (builtins.div 7 (-2)) (builtins.div 7.0 2) (builtins.div 7 2.0) (builtins.div (-9223372036854775807 - 1) 1) ]
