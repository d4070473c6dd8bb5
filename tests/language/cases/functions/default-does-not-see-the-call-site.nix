let x = 1; f = { a ? y }: a; in f { y = 2; }
