[ (builtins.isNull null) (builtins.isNull false) (isNull 0) ]
