let apple19 = 1; in ({ bread19, apple19 }: 1) { }
