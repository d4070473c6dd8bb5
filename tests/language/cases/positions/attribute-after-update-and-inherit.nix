let a = 1; s = { inherit a; } // {
  b = 2; }; in map (n: (builtins.unsafeGetAttrPos n s).line) [ "a" "b" ]
