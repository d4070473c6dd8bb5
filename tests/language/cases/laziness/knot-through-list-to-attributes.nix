let l = builtins.listToAttrs [ { name = "a"; value = 1; } { name = "b"; value = l.a + 1; } ]; in l
