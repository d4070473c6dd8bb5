builtins.toJSON { a = map; }
