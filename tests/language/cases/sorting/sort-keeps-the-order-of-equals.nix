builtins.sort (a: b: builtins.substring 0 1 a < builtins.substring 0 1 b) [ "b1" "a1" "b2" "a2" "b0" "a0" ]
