with builtins; [ (removeAttrs { a = 1; b = 2; c = 3; } [ "a" "x" "c" ]) (removeAttrs { a = 1; } [ ]) (intersectAttrs { a = 1; b = 2; } { b = 3; c = 4; }) (intersectAttrs { } { a = 1; }) ]
