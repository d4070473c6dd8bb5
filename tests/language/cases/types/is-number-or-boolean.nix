[ (builtins.isInt 1) (builtins.isInt 1.0) (builtins.isInt true) (builtins.isFloat 1.0) (builtins.isFloat 1) (builtins.isBool false) (builtins.isBool 0) ]
