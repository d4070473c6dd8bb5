let f = { a ? f { } }: a; in f { }
