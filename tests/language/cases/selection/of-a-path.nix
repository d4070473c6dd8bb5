/a.b
