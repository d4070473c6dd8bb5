[ (builtins.functionArgs derivation) (builtins.typeOf derivation) ]
