let x = 1; s = { inherit x; n.m = 2; "q" = 3; }; in map (n: (builtins.unsafeGetAttrPos n s).column) [ "x" "n" "q" ]
