let f = a: { b, c ? b }: [ a b c ]; in f 1 { b = 2; }
