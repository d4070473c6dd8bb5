[ (builtins.removeAttrs { a = 1; b = 2; c = 3; } [ "a" "c" "x" ]) (builtins.removeAttrs { } [ ]) (builtins.removeAttrs { a = 1; } [ "a" "a" ]) ]
