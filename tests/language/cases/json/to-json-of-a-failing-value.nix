builtins.toJSON { a = throw "in the middle"; }
