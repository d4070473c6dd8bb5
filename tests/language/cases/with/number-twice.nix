with 1; with 2; a
