let in y
