null.a or 1
