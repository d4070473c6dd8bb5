let f = a: { b, c ? b }: [ a b c ]; g = f 1; in map g [ { b = 2; } { b = 3; c = 4; } ]
