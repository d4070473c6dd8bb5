let s = { a = 1;
  b = 2; }; in map (n: (builtins.unsafeGetAttrPos n (builtins.intersectAttrs { a = 0; b = 0; } s)).line) [ "a" "b" ]
