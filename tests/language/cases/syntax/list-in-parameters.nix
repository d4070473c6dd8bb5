[ a, b ]: a
