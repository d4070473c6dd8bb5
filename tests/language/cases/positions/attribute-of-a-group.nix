builtins.unsafeGetAttrPos "a" (builtins.groupBy (x: x) (builtins.attrNames { a = 1; }))
