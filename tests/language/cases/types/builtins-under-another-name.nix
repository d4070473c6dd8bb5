let a = builtins; in a.head [1]
