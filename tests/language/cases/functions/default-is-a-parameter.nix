({ a, b ? a, c ? b, d ? e, e ? 5 }: [ a b c d e ]) { a = 1; }
