let true = 5; in true
