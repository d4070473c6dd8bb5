{ a = 1 + "x"; }.a or 2
