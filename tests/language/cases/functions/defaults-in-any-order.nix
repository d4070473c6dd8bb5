let f = {a ? 1, b ? a + c, c ? 3}: [a b c]; in f {}
