let head = 1; in with builtins; head
