builtins.toJSON { __toString = 1; }
