/a/b - /a
