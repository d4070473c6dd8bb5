with builtins; head [3]
