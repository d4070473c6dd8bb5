builtins.isString "a" && builtins.isAttrs {} && builtins.isList [] && builtins.isInt 1 && builtins.isFloat 1.0 && builtins.isBool true && isNull null
