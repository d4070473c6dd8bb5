~a/b
