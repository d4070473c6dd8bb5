{ a = 1 + "x"; }.a.b or 2
