builtins.attrValues { b = 1; a = 2; "B" = 3; "" = 4; }
