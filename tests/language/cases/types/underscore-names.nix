[ (__length [ ]) (__isString "") (__add 1 2) ]
