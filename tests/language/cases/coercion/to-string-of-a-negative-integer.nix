toString (-1)
