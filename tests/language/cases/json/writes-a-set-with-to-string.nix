builtins.toJSON { __toString = self: "text"; a = throw "never"; }
